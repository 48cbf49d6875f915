import { create, type DescService } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { createApiDocument } from "../../../edge/api/document.ts";
import { HEADER_FIELDS } from "../../../edge/api/header-fields.ts";
import { REFUSAL_REASONS } from "../../../edge/api/refusal-reasons.ts";
import { createOpenApi } from "../../../edge/docs/index.ts";
import { ErrorReasonSchema } from "../../../gen/parley/v1/error_reason_pb.ts";
import { PARLEY_SERVICES } from "../../../services/parley-services.ts";
import { CustomService } from "../transcode/gen/kitchen/v1/custom_pb.ts";
import { KitchenService } from "../transcode/gen/kitchen/v1/kitchen_pb.ts";
import { RawService } from "../transcode/gen/kitchen/v1/raw_pb.ts";
import { StreamService } from "../transcode/gen/kitchen/v1/stream_pb.ts";
import type { OpenApiDocument } from "./open-api-document.ts";

export const headerFields = HEADER_FIELDS;

export const contractServices = PARLEY_SERVICES;

export const kitchenServices: readonly DescService[] = [KitchenService, StreamService, RawService, CustomService];

/** Parley's document, with comments. */
export async function createContractDocument(): Promise<OpenApiDocument> {
  return (await createApiDocument(contractServices)).document as OpenApiDocument;
}

/** The document of the transcoder's test services: every kind of field and binding, without comments. */
export function createKitchenDocument(): OpenApiDocument {
  return createBareDocument(kitchenServices);
}

/** What the descriptors of services alone tell: no comments, and no examples beside those made from them. */
export function createBareDocument(services: readonly DescService[]): OpenApiDocument {
  return createOpenApi({
    services,
    title: "Kitchen",
    version: "1",
    description: "",
    license: "MIT",
    source: create(FileDescriptorSetSchema),
    errors: {
      reasons: ErrorReasonSchema,
      domain: "kitchen",
      refusals: REFUSAL_REASONS,
      where: {},
      examples: { metadata: {}, details: {}, headers: {} },
    },
    examples: { messages: [], answers: new Map() },
    security: { schemes: { bearer: { type: "http", scheme: "bearer" } }, open: () => ["bearer"] },
    headerFields,
  }) as OpenApiDocument;
}
