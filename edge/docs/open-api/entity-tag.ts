import type { JsonObject } from "@bufbuild/protobuf";
import type { Route } from "../../transcode/index.ts";
import type { Components } from "../schema/components.ts";

const TAG = 'In quotes, as in `"abc"`.';

/** In place of the digest in an example. */
const DIGEST = "kW0cN5wX3hJr8uQz";

/** The header of an answer that says which state of a resource it shows, and what it says of it. */
export function answerTag({ answerEtag }: Route, { examples }: Components): JsonObject | undefined {
  if (answerEtag === undefined) return undefined;
  const description = `The \`${answerEtag.jsonName}\` of the answer, a dot, and a digest of the answer. In quotes.`;
  return { ETag: { description, schema: tagSchema(examples.property(answerEtag), `.${DIGEST}`) } };
}

/** The answer to a read of a state that the caller has. */
export function notModified(route: Route, components: Components): { 304?: JsonObject } {
  const headers = route.httpMethod === "GET" ? answerTag(route, components) : undefined;
  if (headers === undefined) return {};
  return { 304: { description: "The answer is the one that `If-None-Match` names; no body.", headers } };
}

/** The headers that make a call depend on the state of a resource. */
export function conditionParameters(route: Route, { examples }: Components): JsonObject[] {
  const { answerEtag, requestEtag, httpMethod } = route;
  if (httpMethod === "GET" && answerEtag !== undefined) {
    const description = "The `ETag` of answers that the caller has: where it would get one of them again, 304.";
    return [header("If-None-Match", description, tagSchema(examples.property(answerEtag), `.${DIGEST}`))];
  }
  if (requestEtag === undefined) return [];
  const meaning = `The \`ETag\` of an answer, or another way to give the \`${requestEtag.name}\`.`;
  const description = `${meaning} Where the resource is in another state, 412. ${TAG}`;
  return [header("If-Match", description, tagSchema(examples.property(requestEtag.field)))];
}

function header(name: string, description: string, schema: JsonObject): JsonObject {
  return { name, in: "header", description, schema };
}

function tagSchema(etag: unknown, digest = ""): JsonObject {
  return { type: "string", ...(typeof etag === "string" && { examples: [`"${etag}${digest}"`] }) };
}
