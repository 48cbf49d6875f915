import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from "node:http";
import { ConnectError } from "@connectrpc/connect";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { endStreamFromJson, errorFromJsonBytes } from "@connectrpc/connect/protocol-connect";
import { findTrailerError } from "@connectrpc/connect/protocol-grpc";
import { trailerParse } from "@connectrpc/connect/protocol-grpc-web";
import { onTestFinished } from "vitest";

export type RawRequest = {
  path: string;
  method?: string;
  headers?: OutgoingHttpHeaders;
  /** A body of several chunks has no content-length. */
  body?: Uint8Array | Uint8Array[];
};

export type RawAnswer = { status: number; headers: IncomingHttpHeaders; body: Buffer; reused: boolean };

/** Sends requests as they are, all over one connection as long as the server keeps it. */
export function openConnection(address: string): (raw: RawRequest) => Promise<RawAnswer> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return ({ path, method = "POST", headers = {}, body = [] }) =>
    new Promise((resolve, reject) => {
      const whole = Array.isArray(body) ? {} : { "content-length": body.length };
      const sent = request(address + path, { method, agent, headers: { ...whole, ...headers } }, async (answer) => {
        const chunks = await answer.toArray();
        const { statusCode: status = 0, headers } = answer;
        resolve({ status, headers, body: Buffer.concat(chunks), reused: sent.reusedSocket });
      });
      sent.on("error", reject);
      for (const chunk of Array.isArray(body) ? body : [body]) sent.write(chunk);
      sent.end();
    });
}

/** The error that an answer carries, in the form of its content type; undefined where it went well. */
export function errorIn({ status, headers, body }: RawAnswer): ConnectError | undefined {
  const type = headers["content-type"] ?? "";
  if (type.startsWith("application/grpc-web")) return findTrailerError(trailerParse(lastEnvelope(body)));
  if (type.startsWith("application/connect")) return endStreamFromJson(lastEnvelope(body)).error;
  if (status === 200) return undefined;
  return errorFromJsonBytes(body, undefined, new ConnectError(`not an error of Connect: ${body}`));
}

function lastEnvelope(body: Buffer): Buffer {
  let rest = body;
  for (;;) {
    const end = 5 + rest.readUInt32BE(1);
    if (end >= rest.length) return rest.subarray(5);
    rest = rest.subarray(end);
  }
}

/** A message in its envelope. */
export function envelope(data: Uint8Array | string, flags = 0): Uint8Array {
  return encodeEnvelope(flags, typeof data === "string" ? Buffer.from(data) : data);
}
