import fc from "fast-check";
import { RPC_CASES } from "../rpc-cases.ts";
import type { WireRequest } from "./wire-request.ts";

const METHODS = "GET POST PATCH DELETE PUT OPTIONS HEAD".split(" ");
const SEGMENTS = "v1 applications chats messages 1 0 .. %2F %00 % * {name} healthz".split(" ");
const VERBS = ["", ":search", ":batchCreate", ":rotateApiKey", ":", "::"];
const FIELDS = RPC_CASES.flatMap(({ method }) => method.input.fields.flatMap(({ name, jsonName }) => [name, jsonName]));
const OTHERS = "chat.name update_mask.paths a[b] __proto__ connect encoding message base64 compression".split(" ");
const HEADERS = [
  ..."accept accept-encoding authorization connect-timeout-ms content-encoding content-type grpc-encoding".split(" "),
  ..."grpc-timeout idempotency-key if-match if-none-match origin range request-timeout traceparent".split(" "),
  ..."x-forwarded-for x-request-id x-http-method-override grpc-metadata-a grpc-metadata-a-bin".split(" "),
];
const VALUES = [
  ..."gzip br identity 1S 0 * */*;q=0 application/json application/proto text/event-stream".split(" "),
  '"x"',
];

/** What a request line can hold. */
const targetText = fc.string({ maxLength: 20 }).map((text) => text.replaceAll(" ", "+"));

const pair = fc.tuple(
  fc.constantFrom(...FIELDS, ...OTHERS),
  fc.oneof(fc.constantFrom("1", "true", "", "2025-01-01T00:00:00Z"), targetText),
);

const query = fc
  .array(pair, { maxLength: 4 })
  .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join("&"));

function path(application: string): fc.Arbitrary<string> {
  const segment = fc.oneof({ weight: 4, arbitrary: fc.constantFrom("", ...SEGMENTS) }, targetText);
  const free = fc.array(segment, { maxLength: 8 }).map((segments) => `/${segments.join("/")}`);
  const own = fc.array(segment, { maxLength: 5 }).map((segments) => `/v1/${[application, ...segments].join("/")}`);
  const service = fc.constantFrom(...RPC_CASES).map(({ method }) => `/${method.parent.typeName}/${method.name}`);
  return fc.tuple(fc.oneof(free, own, service), fc.constantFrom(...VERBS)).map((parts) => parts.join(""));
}

/** Any method, path and query, of which many come near to one that there is. */
export function anyTarget(application: string): fc.Arbitrary<Pick<WireRequest, "httpMethod" | "target">> {
  return fc.tuple(fc.constantFrom(...METHODS), path(application), query).map(([httpMethod, before, pairs]) => {
    return { httpMethod, target: pairs === "" ? before : `${before}?${pairs}` };
  });
}

/** Headers that the server reads, with any values. */
export function anyHeaders(): fc.Arbitrary<WireRequest["headers"]> {
  const value = fc.oneof(fc.constantFrom(...VALUES), fc.string({ maxLength: 30 }));
  return fc.dictionary(fc.constantFrom(...HEADERS), value, { minKeys: 1, maxKeys: 4, noNullPrototype: true });
}
