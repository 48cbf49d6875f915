export { edgeError } from "./edge-error.ts";
export type { OpenCall } from "./open-call.ts";
export { protocolOf } from "./protocol.ts";
export { forwardConnect } from "./routes.ts";
