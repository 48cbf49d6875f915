import type { DescMessage, JsonObject } from "@bufbuild/protobuf";
import { ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.ts";
import type { Route } from "../../transcode/index.ts";
import { exampleJson } from "../example/example-table.ts";
import type { ErrorExamples, Reason } from "./error-reason.ts";

/** The answers to calls that fail, which grow as operations refer to them. */
export type ErrorResponses = {
  readonly responses: Record<string, JsonObject>;
  /** References to the answers that a route can have, by HTTP status. */
  refer(route: Route): Record<string, JsonObject>;
};

/** A reason under one of its statuses. */
type Failure = { readonly reason: Reason; readonly http: number; readonly code: string };

export function createErrorResponses(reasons: readonly Reason[], examples: ErrorExamples): ErrorResponses {
  const responses: Record<string, JsonObject> = { Error: anyError };
  return {
    responses,
    refer(route) {
      const references = groupByStatus(reasons, route).map(([http, failures]): [string, JsonObject] => {
        const name = [http, ...failures.map(({ reason }) => reason.name)].join(".");
        responses[name] ??= createResponse(http, failures, examples);
        return [String(http), { $ref: `#/components/responses/${name}` }];
      });
      return { ...Object.fromEntries(references), default: { $ref: "#/components/responses/Error" } };
    },
  };
}

const error = { $ref: "#/components/schemas/Error" };

const anyError: JsonObject = {
  description: "The call failed in another way.",
  content: { "application/json": { schema: error } },
};

function groupByStatus(reasons: readonly Reason[], route: Route): [http: number, failures: Failure[]][] {
  const failures = reasons.flatMap((reason) =>
    reason.statuses.flatMap(({ http, name, of }) => (of(route) ? [{ reason, http, code: name }] : [])),
  );
  const statuses = [...new Set(failures.map(({ http }) => http))].sort((a, b) => a - b);
  return statuses.map((status) => [status, failures.filter(({ http }) => http === status)]);
}

function createResponse(http: number, failures: readonly Failure[], given: ErrorExamples): JsonObject {
  const examples = failures.map((failure) => [failure.reason.name, createExample(failure, given)] as const);
  const headers = createHeaders(http, failures, given);
  return {
    description: failures.map(({ reason }) => `\`${reason.name}\`: ${reason.text}`).join(LINE_BREAK),
    ...(Object.keys(headers).length > 0 && { headers }),
    content: { "application/json": { schema: restrict(http, failures), examples: Object.fromEntries(examples) } },
  };
}

/** Markdown's: a new line, but no new paragraph. */
const LINE_BREAK = "  \n";

const CHALLENGE = header("The scheme to use.", "Bearer");

function createHeaders(http: number, failures: readonly Failure[], given: ErrorExamples): JsonObject {
  const own = failures.flatMap(({ reason: { name } }) =>
    Object.entries(given.headers[name] ?? {}).map(([title, { description, example }]) => [
      title,
      header(`With \`${name}\`: ${description}`, example),
    ]),
  );
  return { ...(http === 401 && { "WWW-Authenticate": CHALLENGE }), ...Object.fromEntries(own) };
}

function header(description: string, example: string): JsonObject {
  return { description, schema: { type: "string", examples: [example] } };
}

/** The schema of an error with this status and one of these reasons. */
function restrict(http: number, failures: readonly Failure[]): JsonObject {
  const reason = { enum: failures.map((failure) => failure.reason.name) };
  const details = { contains: { type: "object", properties: { reason }, required: ["reason"] } };
  const properties = {
    code: { const: http },
    status: { enum: [...new Set(failures.map(({ code }) => code))] },
    details: { type: "array", ...details },
  };
  return { allOf: [error, { type: "object", properties: { error: { type: "object", properties } } }] };
}

function createExample({ reason, http, code }: Failure, given: ErrorExamples): JsonObject {
  const { name, domain, text, metadata: keys } = reason;
  const metadata = Object.fromEntries(keys.map((key) => [key, given.metadata[key] ?? key]));
  const info = { reason: name, domain, ...(keys.length > 0 && { metadata }) };
  const other = given.details[name];
  const details = [
    { "@type": typeUrl(ErrorInfoSchema), ...info },
    ...(other === undefined ? [] : [{ "@type": typeUrl(other.desc), ...exampleJson(other) }]),
  ];
  return { value: { error: { code: http, status: code, message: text, details } } };
}

function typeUrl({ typeName }: DescMessage): string {
  return `type.googleapis.com/${typeName}`;
}
