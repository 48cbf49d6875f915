import { Code, ConnectError } from "@connectrpc/connect";

/** The end of a call whose caller has left, or has broken off its request. */
export function callerGone(): ConnectError {
  return new ConnectError("the caller has gone", Code.Canceled);
}
