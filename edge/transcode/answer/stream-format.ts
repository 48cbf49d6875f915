import { NDJSON_TYPES } from "../media-type.ts";

/** How the messages of a stream follow each other. Messages and errors come as JSON without line breaks. */
export type StreamFormat = {
  readonly contentType: string;
  readonly head: string;
  /** A message; `index` counts from 0. */
  frame(json: string, index: number): string;
  /** What an idle stream sends, and readers skip. */
  readonly heartbeat: string;
  /** The last frame of a stream that failed, in place of `tail`. */
  error(json: string, index: number): string;
  readonly tail: string;
};

const item = (json: string, index: number) => (index === 0 ? json : `,\n${json}`);
const line = (json: string) => `${json}\n`;

/** A JSON array, whose last item is the error, where there is one. */
export const jsonArray: StreamFormat = {
  contentType: "application/json; charset=utf-8",
  head: "[",
  frame: item,
  heartbeat: "\n",
  error: (json, index) => `${item(json, index)}]`,
  tail: "]",
};

/** A JSON document a line. */
export const jsonLines: StreamFormat = {
  contentType: NDJSON_TYPES[0],
  head: "",
  frame: line,
  heartbeat: "\n",
  error: line,
  tail: "",
};

/**
 * Server-sent events (WHATWG HTML, 9.2): messages without a name, then one named `error`, or `end`, since a browser
 * calls again after any other end.
 */
export const serverSentEvents: StreamFormat = {
  contentType: "text/event-stream; charset=utf-8",
  head: "",
  frame: (json) => `data: ${json}\n\n`,
  heartbeat: ":\n\n",
  error: (json) => `event: error\ndata: ${json}\n\n`,
  tail: "event: end\ndata: {}\n\n",
};
