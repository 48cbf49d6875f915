import type { CounterName, CreateRequestKey } from "./numbering.ts";

/** The parts of a counter's name as the scripts take them. */
export function counterArguments({ application, chat }: CounterName): [string, string] {
  return [application, chat === undefined ? "" : String(chat)];
}

/** A request_id as the scripts take it: with whose it is; empty where there is none. */
export function requestArgument(request: Pick<CreateRequestKey, "principal" | "requestId"> | undefined): string {
  return request ? `${request.principal}/${request.requestId}` : "";
}
