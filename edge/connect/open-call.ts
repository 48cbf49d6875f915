import { type Code, type ConnectError, type ContextValues, createContextKey } from "@connectrpc/connect";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { failedFields } from "../../services/observability/failed-fields.ts";

/** What is known of a call under way; it has neither code nor reason as long as it goes well. */
export type OpenCall = {
  method: string;
  code: Code | undefined;
  /** Of the ErrorInfo of what it is answered with. */
  reason: string | undefined;
  /** The fields for which it failed. */
  fields: string[] | undefined;
  /** Those that it is handed on with. Where its services are in this process, they tell by them who called. */
  readonly contextValues: ContextValues;
};

/** The context value that is told of a call that fails. */
export const openCallKey = createContextKey<OpenCall | undefined>(undefined);

/** Tells a call, where there is one, of the error that it is answered with. */
export function failCall(call: OpenCall | undefined, error: ConnectError): void {
  if (call === undefined) return;
  call.code = error.code;
  call.reason = error.findDetails(ErrorInfoSchema)[0]?.reason;
  call.fields = failedFields(error);
}
