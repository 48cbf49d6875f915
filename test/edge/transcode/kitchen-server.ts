import type { AddressInfo } from "node:net";
import { create, type DescMethodUnary, type Message } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import Fastify, { type FastifyInstance, type FastifyServerOptions } from "fastify";
import { onTestFinished } from "vitest";
import { frameworkErrors, type TranscodeOptions, transcode } from "../../../edge/transcode/index.ts";
import { KitchenService } from "./gen/kitchen/v1/kitchen_pb.ts";

/** A call as it came to the transport. */
export type ReceivedCall = {
  method: DescMethodUnary;
  message: Message;
  headers: Headers;
  timeoutMs: number | undefined;
  signal: AbortSignal;
};

/** What a call answers: the message, and headers and trailers if any. */
export type Answer = { message: Message; header?: Headers; trailer?: Headers };

export type Kitchen = { app: FastifyInstance; calls: ReceivedCall[]; url: () => string };

/** A server on a port of its own, closed after the test. `answer` defaults to the request, or an empty response. */
export async function openKitchen(
  answer: (call: ReceivedCall) => Answer | Promise<Answer> = echo,
  options: Partial<TranscodeOptions> = {},
  server: FastifyServerOptions = {},
): Promise<Kitchen> {
  const calls: ReceivedCall[] = [];
  const all = { services: [KitchenService], transport: createTransport(calls, answer), ...options };
  const app = Fastify({ frameworkErrors: frameworkErrors(all), ...server });
  app.get("/healthz", async () => "ok");
  await app.register(transcode(all));
  await app.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => app.close());
  return { app, calls, url: () => `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` };
}

function createTransport(calls: ReceivedCall[], answer: (call: ReceivedCall) => Answer | Promise<Answer>): Transport {
  return {
    async unary(method, signal, timeoutMs, header, input) {
      const received = { method, message: input, headers: new Headers(header), timeoutMs, signal } as ReceivedCall;
      calls.push(received);
      const { message, header: headers = new Headers(), trailer = new Headers() } = await answer(received);
      return { stream: false, service: method.parent, method, message, header: headers, trailer } as never;
    },
    stream() {
      throw new Error("no method here is a stream");
    },
  };
}

function echo({ method, message }: ReceivedCall): Answer {
  return { message: method.output.typeName === method.input.typeName ? message : create(method.output) };
}
