import type { Http2Stream } from "node:http2";

/** Resolves when a stream takes more again, or never will. */
export function untilDrained(stream: Http2Stream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off("drain", done).off("close", done);
      resolve();
    };
    stream.on("drain", done).on("close", done);
    if (stream.destroyed) done();
  });
}
