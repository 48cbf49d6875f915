import { Code, ConnectError } from "@connectrpc/connect";
import type { FastifyReply } from "fastify";
import { isSent } from "./answer/sent-answer.ts";

/** The end of a call whose caller has left, or has broken off its request. */
export function callerGone(): ConnectError {
  return new ConnectError("the caller has gone", Code.Canceled);
}

/** A controller that is aborted when the caller goes before the answer is sent. */
export function abortOnDisconnect({ raw }: FastifyReply): AbortController {
  const controller = new AbortController();
  raw.on("close", () => {
    if (!isSent(raw)) controller.abort(callerGone());
  });
  return controller;
}
