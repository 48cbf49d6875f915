import { Code, ConnectError } from "@connectrpc/connect";
import type { RelayFrame } from "../../services/rpc/relay/relay-frame.ts";
import { parseAnswerHead } from "../../services/rpc/relay/relay-head.ts";
import { readStatus } from "./call-status.ts";
import type { Exchange, UnaryAnswer } from "./exchange.ts";

/** One attempt of a unary call on a relay. */
export class RelayExchange implements Exchange {
  readonly answer: Promise<UnaryAnswer>;
  readonly #maxBytes: number;
  readonly #giveUp: (isDeadline: boolean) => void;
  #resolve!: (answer: UnaryAnswer) => void;
  #reject!: (error: unknown) => void;
  #isOver = false;

  /** @param giveUp told where the call is given up, and whether by its deadline */
  constructor(maxBytes: number, giveUp: (isDeadline: boolean) => void) {
    this.#maxBytes = maxBytes;
    this.#giveUp = giveUp;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  cancel(error: unknown): void {
    if (this.#isOver) return;
    this.#giveUp(error instanceof ConnectError && error.code === Code.DeadlineExceeded);
    this.fail(error);
  }

  fail(error: unknown): void {
    this.#isOver = true;
    this.#reject(error);
  }

  answerWith({ head, body }: RelayFrame): void {
    const { headers, trailers } = parseAnswerHead(head);
    if (headers["grpc-status"] !== undefined) this.fail(readStatus(headers, headers));
    else if (body.length > this.#maxBytes) {
      this.fail(new Error(`an answer has ${body.length} bytes; ${this.#maxBytes} are taken`));
    } else {
      this.#isOver = true;
      this.#resolve({ message: body as Buffer, headers, trailers });
    }
  }
}
