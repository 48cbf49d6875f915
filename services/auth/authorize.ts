import type { DescMessage, DescMethod, Message } from "@bufbuild/protobuf";
import { Code, type Interceptor } from "@connectrpc/connect";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { notFound, rpcError } from "../rpc/errors.ts";
import { accessOf } from "./access-policy.ts";
import { type Principal, principalOf } from "./principal.ts";

type Named = { name?: string; parent?: string };

/**
 * The resource name that a request is about: its `name` or `parent`, or the `name` of the resource it updates. An empty
 * one is for the handler to refuse.
 */
function targetOf(input: DescMessage, message: Message): string | undefined {
  const { name, parent } = message as Named;
  if (name !== undefined || parent !== undefined) return name ?? parent;
  const resource = input.fields.find(({ message: type }) => type?.fields.some((field) => field.name === "name"));
  return resource && ((message as unknown as Record<string, Named | undefined>)[resource.localName]?.name ?? undefined);
}

function checkAccess(method: DescMethod, principal: Principal, message: Message): void {
  if (!accessOf(method).includes(principal.kind)) {
    throw rpcError(
      Code.PermissionDenied,
      ErrorReason.METHOD_DENIED,
      `${method.name} is not open to this kind of credential; use the admin key`,
    );
  }
  if (principal.kind === "admin") return;
  const target = targetOf(method.input, message);
  if (!target) return;
  const own = `applications/${principal.application}`;
  if (target !== own && !target.startsWith(`${own}/`)) throw notFound(target);
}

/**
 * Lets a call through where the access policy allows its principal: else PERMISSION_DENIED; NOT_FOUND where an
 * application asks for what is not its own, in the bytes of what does not exist. Runs after validation.
 */
export function authorize(): Interceptor {
  return (next) => async (request) => {
    if (!request.stream && accessOf(request.method) !== "public") {
      checkAccess(request.method, principalOf(request.contextValues), request.message);
    }
    return next(request);
  };
}
