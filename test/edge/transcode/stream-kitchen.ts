import type { ServiceImpl } from "@connectrpc/connect";
import { createRouterTransport } from "@connectrpc/connect";
import type { FastifyServerOptions } from "fastify";
import type { TranscodeOptions } from "../../../edge/transcode/index.ts";
import { RawService } from "./gen/kitchen/v1/raw_pb.ts";
import { StreamService } from "./gen/kitchen/v1/stream_pb.ts";
import { type Kitchen, openKitchen } from "./kitchen-server.ts";

/** A server of the methods that stream or take any bytes; what is not given is unimplemented. */
export function openStreamKitchen(
  stream: Partial<ServiceImpl<typeof StreamService>>,
  raw: Partial<ServiceImpl<typeof RawService>> = {},
  options: Partial<TranscodeOptions> = {},
  server: FastifyServerOptions = {},
): Promise<Kitchen> {
  const transport = createRouterTransport((router) => {
    router.service(StreamService, stream);
    router.service(RawService, raw);
  });
  return openKitchen(undefined, { services: [StreamService, RawService], transport, ...options }, server);
}

/** Reads an answer's body piece by piece as it comes. */
export function readPieces(response: Response): { next(): Promise<string | undefined>; cancel(): Promise<void> } {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  return {
    next: async () => (await reader.read()).value,
    cancel: () => reader.cancel(),
  };
}
