import type { DescService } from "@bufbuild/protobuf";
import { ApplicationService } from "../gen/parley/v1/application_service_pb.ts";
import { AuthService } from "../gen/parley/v1/auth_service_pb.ts";
import { ChatService } from "../gen/parley/v1/chat_service_pb.ts";
import { MemberService } from "../gen/parley/v1/member_service_pb.ts";
import { MessageService } from "../gen/parley/v1/message_service_pb.ts";
import { SearchService } from "../gen/parley/v1/search_service_pb.ts";
import { SupportService } from "../gen/parley/v1/support_service_pb.ts";
import { UserService } from "../gen/parley/v1/user_service_pb.ts";

/** Parley's services: what the edge serves. */
export const PARLEY_SERVICES: readonly DescService[] = [
  ApplicationService,
  AuthService,
  UserService,
  ChatService,
  MemberService,
  MessageService,
  SearchService,
  SupportService,
];
