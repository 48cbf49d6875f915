import { isIP } from "node:net";
import type { FastifyReply, FastifyRequest } from "fastify";
import { CLIENT_ADDRESS_HEADER } from "../../services/limits/client-address.ts";

/** A hook that tells the services where a request comes from, in place of what its caller says of that. */
export function tellClientAddress({ ip, raw, socket }: FastifyRequest, _reply: FastifyReply, next: () => void): void {
  // What a proxy passes on may be any text.
  raw.headers[CLIENT_ADDRESS_HEADER] = isIP(ip) === 0 ? socket.remoteAddress : ip;
  next();
}
