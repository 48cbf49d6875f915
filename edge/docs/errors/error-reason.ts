import type { DescEnum, DescEnumValue } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { Refusal, type RefusalKind, type Route, statusOf } from "../../transcode/index.ts";
import type { Example } from "../example/example-table.ts";
import type { ProtoComments } from "../schema/proto-comments.ts";

/** Why calls fail, and which of them for what. */
export type ErrorCatalog = {
  /** The values of an ErrorInfo's `reason`. Their comments begin with their codes: `NOT_FOUND. There is no such …`. */
  readonly reasons: DescEnum;
  /** The `domain` of an ErrorInfo. */
  readonly domain: string;
  /** The reasons of what the transcoder itself refuses, as given to `transcode`. */
  readonly refusals: Readonly<Record<RefusalKind, string>>;
  /** Reason → the routes that can fail for it; all, where it has none. Refusals know their routes themselves. */
  readonly where: Readonly<Record<string, (route: Route) => boolean>>;
  readonly examples: ErrorExamples;
};

/** What the examples of errors hold. */
export type ErrorExamples = {
  /** Key of an ErrorInfo's `metadata` → value. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Reason → a detail beside the ErrorInfo. */
  readonly details: Readonly<Record<string, Example>>;
  /** Reason → the headers that come with it, by name, and what they say. */
  readonly headers: Readonly<Record<string, Readonly<Record<string, { description: string; example: string }>>>>;
};

/** A status under which a reason is answered. */
export type ErrorStatus = { readonly http: number; readonly name: string; readonly of: (route: Route) => boolean };

/** Why a call can fail. */
export type Reason = {
  readonly name: string;
  readonly domain: string;
  /** For people. */
  readonly text: string;
  /** Keys of the ErrorInfo's `metadata`. */
  readonly metadata: readonly string[];
  readonly statuses: readonly ErrorStatus[];
};

/** The reasons of a catalog, with what their comments say of them. */
export function readReasons(catalog: ErrorCatalog, comments: ProtoComments): Reason[] {
  return catalog.reasons.values.slice(1).map((value) => readReason(value, catalog, comments));
}

const CODES = /^([A-Z_]+(?: or [A-Z_]+)*)\.\s+(.*)$/s;
const METADATA = /\s*metadata: ((?:`\w+`(?:, )?)+)\./;

function readReason(value: DescEnumValue, catalog: ErrorCatalog, comments: ProtoComments): Reason {
  const name = value.localName;
  const comment = comments.get(`${value.parent.typeName}.${value.name}`) ?? "";
  const [, codes = "", text = comment] = CODES.exec(comment) ?? [];
  const metadata = [...(METADATA.exec(text)?.[1] ?? "").matchAll(/\w+/g)].map(([key]) => key);
  const own = kinds.filter((kind) => catalog.refusals[kind] === name);
  const isOwn = own.some((kind) => kind !== "preconditionFailed");
  const where = catalog.where[name] ?? (own.includes("preconditionFailed") ? checksEtag : always);
  const called = isOwn ? [] : codes.split(" or ").flatMap((code) => callStatus(code, where));
  const statuses = [...called, ...own.map(refusalStatus)];
  return { name, domain: catalog.domain, text: text.replace(METADATA, ""), metadata, statuses };
}

const codes = Object.values(Code).filter((code) => typeof code === "number");

function callStatus(name: string, of: ErrorStatus["of"]): ErrorStatus[] {
  const code = codes.find((candidate) => statusOf(candidate).name === name);
  return code === undefined ? [] : [{ http: statusOf(code).http, name, of }];
}

function refusalStatus(kind: RefusalKind): ErrorStatus {
  const { status, code } = new Refusal(kind, "");
  return { http: status, name: statusOf(code).name, of: refusedRoutes[kind] };
}

const always = () => true;
/** A documented operation has a path and a method that are there. */
const never = () => false;
const checksEtag = ({ requestEtag }: Route) => requestEtag !== undefined;
const withBody = ({ body }: Route) => body.kind !== "none";

/** What the transcoder refuses, and of which routes. */
const refusedRoutes: Readonly<Record<RefusalKind, (route: Route) => boolean>> = {
  malformedRequest: always,
  noSuchPath: never,
  methodNotAllowed: never,
  preconditionFailed: checksEtag,
  notAcceptable: ({ rawAnswer }) => !rawAnswer,
  requestTooLarge: withBody,
  headersTooLarge: always,
  tooManyRequests: always,
  unsupportedMediaType: ({ body }) => body.kind !== "none" && !body.raw,
  internal: always,
};

const kinds = Object.keys(refusedRoutes) as RefusalKind[];
