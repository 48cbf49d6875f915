import type { DescService } from "@bufbuild/protobuf";
import { createOpenApi, readDescriptorSet } from "../../../edge/docs/index.ts";
import { ApplicationService } from "../../../gen/parley/v1/application_service_pb.ts";
import { ChatService } from "../../../gen/parley/v1/chat_service_pb.ts";
import { ErrorReasonSchema } from "../../../gen/parley/v1/error_reason_pb.ts";
import { MessageService } from "../../../gen/parley/v1/message_service_pb.ts";
import { SearchService } from "../../../gen/parley/v1/search_service_pb.ts";
import { KitchenService } from "../transcode/gen/kitchen/v1/kitchen_pb.ts";
import type { OpenApiDocument } from "./open-api-document.ts";

export const headerFields = { "idempotency-key": "request_id" };

export const contractServices: readonly DescService[] = [
  ApplicationService,
  ChatService,
  MessageService,
  SearchService,
];

/** The document of Parley's contract, with comments. */
export async function createContractDocument(): Promise<OpenApiDocument> {
  const document = createOpenApi({
    services: contractServices,
    title: "Parley",
    version: "1.2.3",
    description: "Chat.",
    source: await readDescriptorSet(),
    errorReasons: ErrorReasonSchema,
    headerFields,
  });
  return document as OpenApiDocument;
}

/** The document of the transcoder's test services: every kind of field and binding, without comments. */
export function createKitchenDocument(): OpenApiDocument {
  const options = { services: [KitchenService], title: "Kitchen", version: "1", description: "", headerFields };
  return createOpenApi(options) as OpenApiDocument;
}
