import { constants, type ServerHttp2Stream } from "node:http2";
import { FrameReader } from "../../../services/rpc/grpc-frame.ts";
import { FRAME, readFrames } from "../../../services/rpc/relay/relay-frame.ts";
import { RelayWriter } from "../../../services/rpc/relay/relay-writer.ts";
import { type Fault, STATUS } from "./faulty-server.ts";

/** A relay that fails every call in the same way. */
export class FaultyRelay {
  readonly #fault: Fault;
  readonly #stream: ServerHttp2Stream;
  readonly #writer: RelayWriter;
  readonly #unanswered = new Set<number>();

  /** @param onCall told of each */
  constructor(fault: Fault, stream: ServerHttp2Stream, onCall: () => void) {
    this.#fault = fault;
    this.#stream = stream;
    this.#writer = new RelayWriter(stream);
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    const reader = new FrameReader(() => {});
    stream.on("data", (chunk: Buffer) => {
      reader.push(chunk);
      for (let message = reader.next(); message !== undefined; message = reader.next()) {
        for (const { kind, id } of readFrames(message)) {
          if (kind !== FRAME.CALL) continue;
          onCall();
          this.#act(id);
        }
      }
    });
  }

  /** Answers the calls that it has: UNAVAILABLE. */
  release(): void {
    for (const id of this.#unanswered) this.#answer(id, "grpc-status\n14\n");
    this.#unanswered.clear();
  }

  #act(id: number): void {
    const status = STATUS[this.#fault];
    if (status !== undefined) this.#answer(id, `grpc-status\n${status}\n`);
    else if (this.#fault === "answers too much") this.#answer(id, "", Buffer.alloc(2_000));
    else if (this.#fault === "refuses") this.#writer.add({ kind: FRAME.REFUSAL, id, head: "", body: Buffer.alloc(0) });
    else if (this.#fault === "leaves") this.#writer.end();
    else if (this.#fault === "hangs up") this.#stream.session?.destroy();
    else if (this.#fault === "resets") this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    else this.#unanswered.add(id);
  }

  #answer(id: number, head: string, body = Buffer.alloc(0)): void {
    this.#writer.add({ kind: FRAME.ANSWER, id, head, body });
  }
}
