import { User_Role } from "../../gen/parley/v1/user_pb.ts";

/** Whether users with a role are agents; `undefined` is that of a user who does not exist. Rows have roles as numbers. */
export function isAgentRole(role: number | undefined): boolean {
  return role === User_Role.AGENT || role === User_Role.ADMIN;
}
