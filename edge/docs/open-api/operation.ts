import type { JsonObject } from "@bufbuild/protobuf";
import type { Route } from "../../transcode/index.ts";
import type { ErrorResponses } from "../errors/error-responses.ts";
import type { Components } from "../schema/components.ts";
import { describe, withDescription } from "../schema/description.ts";
import { answer } from "./answer.ts";
import { conditionParameters, notModified } from "./entity-tag.ts";
import { headerParameters, queryParameters } from "./parameters.ts";
import { requestBody } from "./request-body.ts";
import { requirements, type Security } from "./security.ts";

/** What the operations of a document share. */
export type DocumentParts = {
  readonly components: Components;
  readonly errors: ErrorResponses;
  readonly security: Security;
};

/** The operation of a route whose path parameters are known. */
export function createOperation(
  route: Route,
  operationId: string,
  pathParameters: readonly JsonObject[],
  { components, errors, security }: DocumentParts,
): JsonObject {
  const { method } = route;
  const comment = describe(method, components.comments);
  const summary = /^.*?(?=[.:;](\s|$))/s.exec(comment)?.[0] ?? comment;
  const parameters = [
    ...pathParameters,
    ...queryParameters(route, components),
    ...headerParameters(route, components),
    ...conditionParameters(route, components),
  ];
  return {
    operationId,
    tags: [method.parent.name],
    ...(summary !== "" && { summary }),
    ...withDescription(comment === `${summary}.` ? "" : comment),
    ...(parameters.length > 0 && { parameters }),
    ...requestBody(route, components),
    responses: { 200: answer(route, components), ...notModified(route, components), ...errors.refer(route) },
    ...((method.deprecated || method.parent.deprecated) && { deprecated: true }),
    security: requirements(security, method),
  };
}
