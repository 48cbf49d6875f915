import type { JsonObject } from "@bufbuild/protobuf";
import type { Route } from "../../transcode/index.ts";
import type { Components } from "../schema/components.ts";

const TAG = 'In quotes, as in `"abc"`.';

/** The header of an answer that says which state of a resource it shows. */
export function answerTag({ answerEtag }: Route, { examples }: Components): JsonObject | undefined {
  if (answerEtag === undefined) return undefined;
  const description = `The \`${answerEtag.jsonName}\` of the answer. ${TAG}`;
  return { ETag: { description, schema: tagSchema(examples.property(answerEtag)) } };
}

/** The answer to a read of a state that the caller has. */
export function notModified(route: Route, components: Components): { 304?: JsonObject } {
  const headers = route.httpMethod === "GET" ? answerTag(route, components) : undefined;
  if (headers === undefined) return {};
  return { 304: { description: "The resource is in the state that `If-None-Match` names; no body.", headers } };
}

/** The headers that make a call depend on the state of a resource. */
export function conditionParameters(route: Route, { examples }: Components): JsonObject[] {
  const { answerEtag, requestEtag, httpMethod } = route;
  if (httpMethod === "GET" && answerEtag !== undefined) {
    const description = `Answers 304 where the resource is still in a state of these. ${TAG}`;
    return [header("If-None-Match", description, tagSchema(examples.property(answerEtag)))];
  }
  if (requestEtag === undefined) return [];
  const meaning = `Another way to give the \`${requestEtag.name}\`: where the resource is in another state, 412.`;
  return [header("If-Match", `${meaning} ${TAG}`, tagSchema(examples.property(requestEtag.field)))];
}

function header(name: string, description: string, schema: JsonObject): JsonObject {
  return { name, in: "header", description, schema };
}

function tagSchema(etag: unknown): JsonObject {
  return { type: "string", ...(typeof etag === "string" && { examples: [`"${etag}"`] }) };
}
