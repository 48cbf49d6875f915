import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { ContextValues, Transport } from "@connectrpc/connect";
import type { FastifyRequest } from "fastify";
import type { AnswerOptions } from "./answer/http-answer.ts";
import type { StreamOptions } from "./answer/render-stream.ts";
import type { JsonWriteOptions } from "./json/json-writer.ts";
import type { UnknownOptions } from "./request/bind-request.ts";
import type { MetadataOptions, TimeoutOptions } from "./request/call-metadata.ts";

export type TranscodeOptions = AnswerOptions &
  MetadataOptions &
  StreamOptions &
  TimeoutOptions &
  UnknownOptions & {
    /** Methods without a `google.api.http` option are skipped. */
    readonly services: readonly DescService[];
    readonly transport: Transport;
    /** Header → top-level request field, which the header fills where a method has it and it is unset otherwise. */
    readonly headerFields?: Readonly<Record<string, string>>;
    /** What the message about a path that no method is bound to ends with. Default: nothing. */
    readonly unknownPathHint?: string;
    /** How answers are written. Default: as the ProtoJSON specification has it. */
    readonly json?: Omit<JsonWriteOptions, "registry">;
    /** The context values with which the transport gets the call of a request. Default: none. */
    readonly contextValues?: (request: FastifyRequest) => ContextValues;
    /** Told of the method that a request is for, where there is one. */
    readonly onRoute?: (request: FastifyRequest, method: DescMethod) => void;
  };
