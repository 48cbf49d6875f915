import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { onTestFinished } from "vitest";
import { FrameReader, frameMessage } from "../../../../services/rpc/grpc-frame.ts";
import {
  FRAME,
  RELAY_PATH,
  type RelayFrame,
  readFrames,
  sizeOfFrame,
  writeFrame,
} from "../../../../services/rpc/relay/relay-frame.ts";
import { type AnswerHead, formatCallHead, parseAnswerHead } from "../../../../services/rpc/relay/relay-head.ts";

/** What a frame is answered with. */
export type Answered = AnswerHead & { kind: number; body: Buffer };

/** The other end of a relay on bare HTTP/2, which also does what no edge does. Closed after the test. */
export class RelayPeer {
  readonly session: ClientHttp2Session;
  readonly stream: ClientHttp2Stream;
  /** By the ids of their calls, in the order in which they came. */
  readonly answers = new Map<number, Answered>();
  /** Resolves with the status of the relay, undefined where it was reset. */
  readonly ended: Promise<string | undefined>;
  #onAnswer = (): void => {};

  constructor(session: ClientHttp2Session) {
    this.session = session;
    this.stream = session.request({ ":method": "POST", ":path": RELAY_PATH, "content-type": "application/grpc" });
    let status: string | undefined;
    this.stream.on("trailers", (trailers) => {
      status = String(trailers["grpc-status"]);
    });
    this.stream.on("error", () => {});
    this.ended = new Promise((resolve) => this.stream.on("close", () => resolve(status)));
    this.stream.on("end", () => this.stream.end());
    this.#read();
  }

  static async open(port: number): Promise<RelayPeer> {
    const session = connect(`http://127.0.0.1:${port}`);
    session.on("error", () => {});
    onTestFinished(() => session.destroy());
    const peer = new RelayPeer(session);
    await once(peer.stream, "response");
    return peer;
  }

  /** Sends frames as one message. */
  send(...frames: Partial<RelayFrame>[]): void {
    const whole = frames.map((frame) => ({ kind: FRAME.CALL, id: 1, head: "", body: Buffer.alloc(0), ...frame }));
    const message = Buffer.alloc(whole.reduce((sum, frame) => sum + sizeOfFrame(frame), 0));
    let offset = 0;
    for (const frame of whole) offset = writeFrame(frame, message, offset);
    this.stream.write(frameMessage(message));
  }

  /** Sends one call. */
  call(id: number, path: string, { body, timeoutMs = 10_000, fields = "" }: CallOptions = {}): void {
    this.send({ id, head: formatCallHead(path, timeoutMs, fields), body: body ?? Buffer.alloc(0) });
  }

  async answerOf(id: number): Promise<Answered> {
    for (;;) {
      const answer = this.answers.get(id);
      if (answer !== undefined) return answer;
      await new Promise<void>((resolve) => {
        this.#onAnswer = resolve;
      });
    }
  }

  #read(): void {
    const reader = new FrameReader(() => {});
    this.stream.on("data", (chunk: Buffer) => {
      reader.push(chunk);
      for (let message = reader.next(); message !== undefined; message = reader.next()) {
        for (const { kind, id, head, body } of readFrames(message)) {
          this.answers.set(id, { kind, body: body as Buffer, ...parseAnswerHead(head) });
        }
      }
      this.#onAnswer();
    });
  }
}

type CallOptions = { body?: Uint8Array; timeoutMs?: number; fields?: string };
