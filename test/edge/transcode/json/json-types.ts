import { createRegistry } from "@bufbuild/protobuf";
import {
  AnySchema,
  DurationSchema,
  EmptySchema,
  file_google_protobuf_struct,
  file_google_protobuf_wrappers,
  TimestampSchema,
} from "@bufbuild/protobuf/wkt";
import { file_kitchen_v1_json } from "../gen/kitchen/v1/json_pb.ts";
import { file_kitchen_v1_legacy } from "../gen/kitchen/v1/legacy_pb.ts";

/** What an Any can hold here, and the extensions. */
export const registry = createRegistry(
  file_kitchen_v1_json,
  file_kitchen_v1_legacy,
  file_google_protobuf_struct,
  file_google_protobuf_wrappers,
  AnySchema,
  DurationSchema,
  EmptySchema,
  TimestampSchema,
);
