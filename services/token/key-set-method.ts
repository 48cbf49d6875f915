import { create } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { HttpBodySchema } from "../../gen/google/api/httpbody_pb.ts";
import type { AuthService } from "../../gen/parley/v1/auth_service_pb.ts";
import type { SigningKeys } from "./signing-keys.ts";

/** How long the answer may be kept, in seconds: less than the default of TOKEN_KEY_LEAD. */
const MAX_AGE_S = 60;

/** The method of AuthService that publishes the keys of the server's own tokens (RFC 7517). */
export function createKeySetMethod(keys: SigningKeys): Pick<ServiceImpl<typeof AuthService>, "getJsonWebKeySet"> {
  return {
    async getJsonWebKeySet(_request, context: HandlerContext) {
      context.responseHeader.set("cache-control", `public, max-age=${MAX_AGE_S}`);
      const set = { keys: keys.published(Date.now()).map(({ publicJwk }) => publicJwk) };
      const data = new TextEncoder().encode(JSON.stringify(set));
      return create(HttpBodySchema, { contentType: "application/jwk-set+json", data });
    },
  };
}
