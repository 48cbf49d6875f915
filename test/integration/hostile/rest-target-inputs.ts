import {
  type HostileInput,
  INVALID,
  MALFORMED,
  type Spoil,
  target,
  UNKNOWN_PATH,
  type Verdict,
} from "./hostile-input.ts";

type Input = [name: string, spoil: Spoil, ...verdicts: Verdict[]];

const NO_TOKEN = "InvalidArgument PAGE_TOKEN_INVALID";

function splitQuery(whole: string): [path: string, query: string] {
  const at = whole.indexOf("?");
  return at === -1 ? [whole, ""] : [whole.slice(0, at), whole.slice(at)];
}

function path(change: (path: string) => string): Spoil {
  return target((whole) => {
    const [before, query] = splitQuery(whole);
    return change(before) + query;
  });
}

const IDENTIFIER = /(?<=\/)([0-9a-z]{26}|\d+)(?=[/:]|$)/g;

/** Changes the last identifier of a path: an application's token, or a number. */
function identifier(change: (id: string) => string): Spoil {
  return target((whole) => {
    const [before, query] = splitQuery(whole);
    const found = [...before.matchAll(IDENTIFIER)].at(-1);
    if (found === undefined) return undefined;
    const [id] = found;
    return before.slice(0, found.index) + change(id) + before.slice(found.index + id.length) + query;
  });
}

function query(pairs: string): Spoil {
  return target((whole) => `${whole}${whole.includes("?") ? "&" : "?"}${pairs}`);
}

/** Adds to the query of a method that is sent its page size already. */
function besidePageSize(pairs: string): Spoil {
  return (cell) => (cell.request.target.includes("pageSize=") ? query(pairs)(cell) : undefined);
}

/** Sets a parameter that the method has to nothing but a value. */
function parameter(name: string, value: string): Spoil {
  return (cell) => {
    if (!cell.method.input.fields.some(({ jsonName }) => jsonName === name)) return undefined;
    const target = cell.request.target.replace(new RegExp(`(?<=[?&])${name}=[^&]*&?`), "");
    return query(`${name}=${value}`)({ ...cell, request: { ...cell.request, target } });
  };
}

const withoutVerb = (whole: string) => whole.replace(/:\w+$/, "");

const PATHS: Input[] = [
  ["a path that goes on", path((whole) => `${whole}/no/such/path`), UNKNOWN_PATH],
  ["an unknown verb", path((whole) => `${withoutVerb(whole)}:nope`), UNKNOWN_PATH],
  ["an empty verb", path((whole) => `${withoutVerb(whole)}:`), UNKNOWN_PATH],
  ["a slash at the end", path((whole) => `${whole}/`), UNKNOWN_PATH],
  ["a slash twice", path((whole) => whole.replace("/v1/", "/v1//")), UNKNOWN_PATH],
  ["two slashes at the beginning", path((whole) => `/${whole}`), UNKNOWN_PATH],
  ["another version", path((whole) => whole.replace("/v1/", "/v2/")), UNKNOWN_PATH],
  ["capitals", path((whole) => whole.replace("applications", "Applications")), UNKNOWN_PATH],
  ["..", path((whole) => whole.replace("/v1/", "/v1/../v1/")), UNKNOWN_PATH],
  [".. encoded", path((whole) => whole.replace("/v1/", "/v1/%2e%2e/v1/")), UNKNOWN_PATH],
  ["a slash encoded", path((whole) => whole.replace("/v1/", "/v1%2F")), UNKNOWN_PATH],
  ["a backslash", path((whole) => whole.replace("/v1/", "/v1\\")), UNKNOWN_PATH, MALFORMED],
  ["a path parameter", path((whole) => whole.replace("/v1/", "/v1;a=b/")), UNKNOWN_PATH],
  ["no identifier", identifier(() => ""), UNKNOWN_PATH],
  [".. for an identifier", identifier(() => ".."), INVALID],
  [".. for an identifier, encoded", identifier(() => "%2e%2e"), INVALID],
  ["%2F in an identifier", identifier((id) => `${id}%2Fchats%2F1`), INVALID],
  ["%00 in an identifier", identifier((id) => `${id}%00`), INVALID],
  ["%0A after an identifier", identifier((id) => `${id}%0A`), INVALID],
  ["a header in an identifier", identifier((id) => `${id}%0D%0AX-Evil%3A%201`), INVALID],
  ["an identifier encoded twice", identifier((id) => `%25${id}`), INVALID],
  ["a letter that looks like another", identifier((id) => `${id.slice(1)}%D0%B0`), INVALID],
  ["an identifier of 8,000 characters", identifier(() => "1".repeat(8_000)), INVALID],
  ["% without digits", identifier((id) => `${id}%`), MALFORMED],
  ["% with other letters", identifier((id) => `${id}%zz`), MALFORMED],
  ["%FF, which is not UTF-8", identifier((id) => `${id}%FF`), MALFORMED],
  ["an overlong form of UTF-8", identifier((id) => `${id}%C0%AF`), MALFORMED],
];

const QUERIES: Input[] = [
  ["an unknown parameter", query("nope=1"), MALFORMED],
  ["a parameter __proto__", query("__proto__=1"), MALFORMED],
  ["a parameter constructor.prototype.a", query("constructor.prototype.a=1"), MALFORMED],
  ["a parameter without a name", query("=1"), MALFORMED],
  ["a parameter with an open bracket", query("requestId[=1"), MALFORMED],
  ["a parameter of dots", query("..=1"), MALFORMED],
  ["a parameter that is not UTF-8", query("%FF=1"), MALFORMED],
  ["a parameter 1,000 fields deep", query(`${"a.".repeat(1_000)}a=1`), MALFORMED],
  ["the name in the query too", query("name=applications/x"), MALFORMED],
  ["the parent in the query too", query("parent=applications/x"), MALFORMED],
  ["a page size twice", besidePageSize("pageSize=1"), MALFORMED],
  ["a page size by both of its names", besidePageSize("page_size=1"), MALFORMED],
  ["an empty page size", parameter("pageSize", ""), MALFORMED],
  ["a page size above int32", parameter("pageSize", "2147483648"), MALFORMED],
  ["a page size after a space", parameter("pageSize", "+1"), MALFORMED],
  ["a page token that is not UTF-8", parameter("pageToken", "%FF"), MALFORMED],
  ["a page token that is not base64", parameter("pageToken", "%2B%2F%3D"), NO_TOKEN],
  ["a number for force", parameter("force", "1"), MALFORMED],
  ["capitals for force", parameter("force", "TRUE"), MALFORMED],
];

/** What is wrong with the path and query of a URL. */
export const REST_TARGET_INPUTS: readonly HostileInput[] = [...PATHS, ...QUERIES].map(([name, spoil, ...verdicts]) => ({
  name: `URL: ${name}`,
  spoil,
  expected: { rest: verdicts },
}));
