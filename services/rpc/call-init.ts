import type { ContextValues } from "@connectrpc/connect";
import type { CallLifetime } from "./call-lifetime.ts";

/** One call as its transport received it. */
export type CallInit = {
  /** With a request id. */
  requestHeader: Headers;
  /** Filled before the answer, or its first message; the transport reads them when a call failed. */
  responseHeader: Headers;
  responseTrailer: Headers;
  protocolName: string;
  /** Address and port of the other end; undefined for the edge of this process. */
  peer?: string | undefined;
  /** From the registry's `begin`, for this call alone; it is over when the call is. */
  lifetime: CallLifetime;
  contextValues?: ContextValues | undefined;
  /** Default: `http://localhost` and the method's path. */
  url?: string | undefined;
};
