import { once } from "node:events";
import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from "node:http2";
import { type DescMessage, type DescMethodUnary, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { HEAD_BYTES } from "../../services/rpc/grpc-frame.ts";
import { methodPath } from "../../services/rpc/method-path.ts";
import { encodeRequest } from "./grpc-load.ts";

/** gRPC's status of a call that did not go well. */
class CallFailure extends Error {
  readonly status: string;

  constructor(status: string, message: string) {
    super(`gRPC status ${status}: ${message}`);
    this.status = status;
  }
}

/** Calls over sessions of HTTP/2 by turns, with nothing that a load generator can do without: no deadlines, no retries. */
export class UnaryClient {
  readonly #sessions: readonly ClientHttp2Session[];
  readonly #headers: OutgoingHttpHeaders;
  #calls = 0;

  private constructor(sessions: readonly ClientHttp2Session[], key: string) {
    this.#sessions = sessions;
    this.#headers = {
      ...{ ":method": "POST", "content-type": "application/grpc", te: "trailers" },
      authorization: `Bearer ${key}`,
    };
  }

  /** @param address `host:port` */
  static async connect(address: string, key: string, connections: number): Promise<UnaryClient> {
    const sessions = Array.from({ length: connections }, () => connect(`http://${address}`));
    await Promise.all(sessions.map((session) => once(session, "remoteSettings")));
    return new UnaryClient(sessions, key);
  }

  /** Rejects with a CallFailure, or as the session breaks. */
  call<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageShape<I>,
  ): Promise<MessageShape<O>> {
    const session = this.#sessions[this.#calls++ % this.#sessions.length]!;
    const stream = session.request({ ...this.#headers, ":path": methodPath(method) });
    const chunks: Buffer[] = [];
    let status: string | undefined;
    let details = "";
    const read = (headers: Record<string, unknown>) => {
      status = (headers["grpc-status"] as string | undefined) ?? status;
      details = (headers["grpc-message"] as string | undefined) ?? details;
    };
    const answer = new Promise<MessageShape<O>>((resolve, reject) => {
      stream.on("response", read);
      stream.on("trailers", read);
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("error", reject);
      stream.on("close", () => {
        if (status === "0") resolve(fromBinary(method.output, Buffer.concat(chunks).subarray(HEAD_BYTES)));
        else reject(new CallFailure(status ?? "none", details));
      });
    });
    stream.end(encodeRequest(method.input, request));
    return answer;
  }

  close(): void {
    for (const session of this.#sessions) session.close();
  }
}
