import type { User_Role } from "../gen/parley/v1/user_pb.ts";
import type { ParleySession } from "./parley-session.ts";
import { type Services, servicesOf, type Tenant } from "./tenant.ts";

/** A user of an application, and its services, called with its access token over gRPC. */
export type Person = Services & { id: string; name: string; token: string };

/** Makes a user. */
export async function createPerson(
  session: ParleySession,
  tenant: Tenant,
  id: string,
  fields: { displayName?: string; role?: User_Role; bot?: boolean } = {},
): Promise<Person> {
  const { name } = await tenant.users.createUser({ parent: tenant.name, userId: id, user: fields });
  const { accessToken } = await tenant.auth.createUserTokens({ name });
  return { id, name, token: accessToken, ...servicesOf(session.transports.grpc, accessToken) };
}
