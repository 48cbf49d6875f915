import type { DescEnum, DescEnumValue } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { defaultErrorInfo } from "../../transcode/answer/error-reply.ts";
import { statusOf } from "../../transcode/answer/status.ts";
import { Refusal, type RefusalKind } from "../../transcode/refusal.ts";
import type { Route } from "../../transcode/routing/route.ts";
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
  /** Reason → the routes that can fail for it. Default: all. Refusals know their routes themselves. */
  readonly where?: Readonly<Record<string, (route: Route) => boolean>>;
  readonly examples?: ErrorExamples;
};

/** What the examples of errors hold. */
export type ErrorExamples = {
  /** Key of an ErrorInfo's `metadata` → value. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Reason → a detail beside the ErrorInfo. */
  readonly details: Readonly<Record<string, Example>>;
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

/** The reasons of a catalog; those of the transcoder alone where there is none. */
export function readReasons(catalog: ErrorCatalog | undefined, comments: ProtoComments): Reason[] {
  if (catalog !== undefined)
    return catalog.reasons.values.slice(1).map((value) => readReason(value, catalog, comments));
  return kinds.map((kind) => {
    const { reason, domain } = defaultErrorInfo(kind);
    return { name: reason, domain, text: refusals[kind].text, metadata: [], statuses: [refusalStatus(kind)] };
  });
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
  const where = catalog.where?.[name] ?? (own.includes("preconditionFailed") ? checksEtag : always);
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
  return { http: status, name: statusOf(code).name, of: refusals[kind].of };
}

const always = () => true;
/** A documented operation has a path and a method that are there. */
const never = () => false;
const checksEtag = ({ requestEtag }: Route) => requestEtag !== undefined;
const withBody = ({ body }: Route) => body.kind !== "none";

/** What the transcoder refuses, and of which routes. */
const refusals: Readonly<Record<RefusalKind, { readonly of: (route: Route) => boolean; readonly text: string }>> = {
  malformedRequest: { of: always, text: "The request could not be parsed." },
  noSuchPath: { of: never, text: "There is no such path." },
  methodNotAllowed: { of: never, text: "The path has no such HTTP method." },
  preconditionFailed: { of: checksEtag, text: "The resource is in another state." },
  notAcceptable: { of: ({ rawAnswer }) => !rawAnswer, text: "The answer has no content type that is accepted." },
  requestTooLarge: { of: withBody, text: "The body is larger than the server takes." },
  unsupportedMediaType: {
    of: (route) => route.body.kind !== "none" && !route.body.raw,
    text: "The body has a content type that is not taken.",
  },
  internal: { of: always, text: "A fault of the server." },
};

const kinds = Object.keys(refusals) as RefusalKind[];
