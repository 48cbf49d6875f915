import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { ErrorReason } from "../../../gen/parley/v1/error_reason_pb.ts";
import { failedFields } from "../../../services/observability/failed-fields.ts";
import { invalidFields, rpcError } from "../../../services/rpc/errors.ts";

const invalid = (...fields: string[]) => invalidFields(fields.map((field) => ({ field, description: "is wrong" })));

test.each<[error: ConnectError, fields: string[] | undefined]>([
  [invalid("message.body", "requests[3].message.author.user"), ["message.body", "requests[3].message.author.user"]],
  [invalid('message.metadata["a secret"]', 'chat.metadata["a\n"]"].x'), ["message.metadata[…]", "chat.metadata[…]"]],
  [invalid("a", "b", "c", "d", "e", "f"), ["a", "b", "c", "d", "e"]],
  [rpcError(Code.PermissionDenied, ErrorReason.FIELD_DENIED, "no", { field: "message.author" }), ["message.author"]],
  [rpcError(Code.NotFound, ErrorReason.RESOURCE_NOT_FOUND, "no", { resource: "chats/1" }), undefined],
  [new ConnectError("no"), undefined],
])("%s has failed for %j", (error, fields) => {
  expect(failedFields(error)).toEqual(fields);
});
