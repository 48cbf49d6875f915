import type { DescService } from "@bufbuild/protobuf";
import { ApplicationService } from "../gen/parley/v1/application_service_pb.ts";
import { ChatService } from "../gen/parley/v1/chat_service_pb.ts";
import { MessageService } from "../gen/parley/v1/message_service_pb.ts";
import { SearchService } from "../gen/parley/v1/search_service_pb.ts";

/** Parley's services: what the edge serves. */
export const PARLEY_SERVICES: readonly DescService[] = [ApplicationService, ChatService, MessageService, SearchService];
