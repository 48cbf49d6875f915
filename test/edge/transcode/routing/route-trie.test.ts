import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { Refusal } from "../../../../edge/transcode/refusal.ts";
import { decodeSegments, splitTarget } from "../../../../edge/transcode/request/request-target.ts";
import { parsePathTemplate } from "../../../../edge/transcode/routing/path-template.ts";
import { addRoute, createTrie, lookup } from "../../../../edge/transcode/routing/route-trie.ts";

type Route = { name: string; template: ReturnType<typeof parsePathTemplate> };

function build(routes: readonly string[]) {
  const trie = createTrie<Route>();
  for (const name of routes) {
    const [method = "", path = ""] = name.split(" ");
    const template = parsePathTemplate(path);
    addRoute(trie, template, method, { name, template });
  }
  return trie;
}

function find(routes: readonly string[], request: string) {
  const [method = "", path = ""] = request.split(" ");
  const match = lookup(build(routes), method, path);
  if (match.kind === "options") return `options ${match.allow}`;
  const { name, template } = match.route;
  const variables = template.variables.map(({ fieldPath, start, end, single }) => [
    fieldPath.join("."),
    decodeSegments(match.segments.slice(start, end), single),
  ]);
  return { name, variables: Object.fromEntries(variables) };
}

function refusal(action: () => unknown): Refusal {
  try {
    action();
  } catch (error) {
    if (error instanceof Refusal) return error;
  }
  throw new Error("no refusal");
}

const chats = [
  "GET /v1/{name=chats/*}",
  "PATCH /v1/{name=chats/*}",
  "GET /v1/chats",
  "POST /v1/chats",
  "POST /v1/chats:search",
  "POST /v1/{name=chats/*}:undo",
  "GET /v1/chats/mine",
  "GET /v1/{path=**}",
  "GET /v1/chats/{id}/files/{path=**}",
  "GET /v1/chats/{id}/files/{path=**}:stat",
];

describe("finds the route and its captures", () => {
  test.each([
    ["GET /v1/chats/1", "GET /v1/{name=chats/*}", { name: "chats/1" }],
    ["PATCH /v1/chats/1", "PATCH /v1/{name=chats/*}", { name: "chats/1" }],
    ["POST /v1/chats", "POST /v1/chats", {}],
    ["POST /v1/chats:search", "POST /v1/chats:search", {}],
    ["POST /v1/chats/1:undo", "POST /v1/{name=chats/*}:undo", { name: "chats/1" }],
    // A literal wins over a star, and a star over the rest.
    ["GET /v1/chats/mine", "GET /v1/chats/mine", {}],
    ["GET /v1/chats/other", "GET /v1/{name=chats/*}", { name: "chats/other" }],
    ["GET /v1/boats/1", "GET /v1/{path=**}", { path: "boats/1" }],
    ["GET /v1/chats/1/2", "GET /v1/{path=**}", { path: "chats/1/2" }],
    // The literal has no PATCH, the star does.
    ["PATCH /v1/chats/mine", "PATCH /v1/{name=chats/*}", { name: "chats/mine" }],
    // `**` matches nothing, one and many.
    ["GET /v1", "GET /v1/{path=**}", { path: "" }],
    ["GET /v1/", "GET /v1/{path=**}", { path: "" }],
    ["GET /v1/chats/1/files", "GET /v1/chats/{id}/files/{path=**}", { id: "1", path: "" }],
    ["GET /v1/chats/1/files/a//b", "GET /v1/chats/{id}/files/{path=**}", { id: "1", path: "a//b" }],
    ["GET /v1/chats/1/files/a/b:stat", "GET /v1/chats/{id}/files/{path=**}:stat", { id: "1", path: "a/b" }],
    // Decoded after the match.
    ["GET /v1/chats/a%20%C3%A9+", "GET /v1/{name=chats/*}", { name: "chats/a é+" }],
    ["GET /v1/chats/a%3Aundo", "GET /v1/{name=chats/*}", { name: "chats/a:undo" }],
    ["GET /v1/chats/%6Dine", "GET /v1/{name=chats/*}", { name: "chats/mine" }],
    // An encoded slash separates nothing: decoded in one segment, kept among several.
    ["GET /v1/chats/a%2Fb/files/c", "GET /v1/chats/{id}/files/{path=**}", { id: "a/b", path: "c" }],
    ["GET /v1/chats/a%2fb", "GET /v1/{name=chats/*}", { name: "chats/a%2fb" }],
    ["GET /v1/chats/1:2/files/c", "GET /v1/chats/{id}/files/{path=**}", { id: "1:2", path: "c" }],
    // HEAD is GET without the body.
    ["HEAD /v1/chats", "GET /v1/chats", {}],
  ])("%s", (request, name, variables) => {
    expect(find(chats, request)).toEqual({ name, variables });
  });
});

describe("a ** between literals takes as few segments as it can", () => {
  const files = [
    "GET /v1/{p=files/**}/lines",
    "GET /v1/{p=**}/{last}/lines",
    "GET /v1/{p=**}",
    "GET /{a=**}/x/{b=*/y}:v",
  ];
  test.each([
    ["GET /v1/files/lines", "GET /v1/{p=files/**}/lines", { p: "files" }],
    ["GET /v1/files/a/b/lines", "GET /v1/{p=files/**}/lines", { p: "files/a/b" }],
    ["GET /v1/files/lines/lines", "GET /v1/{p=files/**}/lines", { p: "files/lines" }],
    ["GET /v1/boats/a/lines", "GET /v1/{p=**}/{last}/lines", { p: "boats", last: "a" }],
    ["GET /v1/a/lines", "GET /v1/{p=**}/{last}/lines", { p: "", last: "a" }],
    ["GET /v1/lines", "GET /v1/{p=**}", { p: "lines" }],
    ["GET /v1/files/lines/a", "GET /v1/{p=**}", { p: "files/lines/a" }],
    ["GET /x/1/y:v", "GET /{a=**}/x/{b=*/y}:v", { a: "", b: "1/y" }],
    ["GET /v1/x/x/x/y:v", "GET /{a=**}/x/{b=*/y}:v", { a: "v1/x", b: "x/y" }],
  ])("%s", (request, name, variables) => {
    expect(find(files, request)).toEqual({ name, variables });
  });
});

test("a path is found exactly where a template matches it", () => {
  const part = fc.constantFrom("a", "b", "*");
  const parts = fc.array(part, { maxLength: 3 });
  const template = fc
    .tuple(parts, fc.constantFrom([], ["**"]), parts)
    .map((all) => all.flat())
    .filter((all) => all.length > 0);
  const path = fc.array(fc.constantFrom("a", "b", "c", ""), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.array(template, { minLength: 1, maxLength: 5 }), path, (templates, segments) => {
      const matched = templates.some((all) => {
        const pattern = all.map((text) => (text === "**" ? "(/[^/]*)*" : text === "*" ? "/[^/]+" : `/${text}`));
        return new RegExp(`^${pattern.join("")}$`).test(`/${segments.join("/")}`);
      });
      const trie = build(templates.map((all) => `GET /${all.join("/")}`));
      const look = () => lookup(trie, "GET", `/${segments.join("/")}`);
      if (matched) expect(look().kind).toBe("route");
      else expect(refusal(look).kind).toBe("noSuchPath");
    }),
  );
});

test("a lookup does the same work among ten routes and among ten thousand", () => {
  const steps = [10, 10_000].map((count) => {
    const routes = Array.from({ length: count }, (_, index) => `GET /v1/things${index}/{id}/parts/{part=**}/end`);
    const trie = build(routes);
    const get = vi.spyOn(Map.prototype, "get");
    lookup(trie, "GET", "/v1/things7/1/parts/a/b/c/end");
    const { length } = get.mock.calls;
    get.mockRestore();
    return length;
  });
  expect(steps[1]).toBe(steps[0]);
});

describe("a path that no template matches is not found", () => {
  const few = ["GET /v1/chats/{id}", "POST /v1/chats/{id}:undo"];
  test.each([
    "GET /",
    "GET /v1",
    "GET /v1/chats",
    "GET /v1/chats/",
    "GET /v1//1",
    "GET //v1/chats/1",
    "GET /v1/chats/1/",
    "GET /V1/chats/1",
    "GET /v1/chats/1:redo",
    "GET /v1/chats/1:",
    "POST /v1/chats/1:undo:",
    "GET /v1/chats/:undo",
    "OPTIONS /v2",
    "OPTIONS *",
    "GET /__proto__",
  ])("%s", (request) => {
    expect(refusal(() => find(few, request)).kind).toBe("noSuchPath");
  });
});

describe("a path that has other methods says which", () => {
  test.each([
    ["DELETE /v1/chats", "GET, HEAD, OPTIONS, POST"],
    ["GET /v1/chats:search", "OPTIONS, POST"],
    ["DELETE /v1/chats/mine", "GET, HEAD, OPTIONS, PATCH"],
    ["PROPFIND /v1/chats/1:undo", "OPTIONS, POST"],
    ["HEAD /v1/chats:search", "OPTIONS, POST"],
  ])("%s", (request, allow) => {
    const narrow = chats.filter((route) => !route.includes("/v1/{path=**}"));
    const refused = refusal(() => find(narrow, request));
    expect([refused.kind, refused.headers]).toEqual(["methodNotAllowed", { allow }]);
    expect(find(narrow, request.replace(/^\w+/, "OPTIONS"))).toBe(`options ${allow}`);
  });
});

test("a method bound as * takes what no other binding takes", () => {
  const routes = ["* /v1/{id}", "PUT /v1/{id}", "GET /v2"];
  const names = ["PUT", "GET", "HEAD", "PROPFIND", "OPTIONS"].map((method) => find(routes, `${method} /v1/a`));
  expect(names).toEqual(
    ["PUT /v1/{id}", "* /v1/{id}", "* /v1/{id}", "* /v1/{id}", "* /v1/{id}"].map((name) => ({
      name,
      variables: { id: "a" },
    })),
  );
});

test("adding what is there already returns it", () => {
  const trie = createTrie<string>();
  const add = (path: string) => addRoute(trie, parsePathTemplate(path), "GET", path);
  expect(add("/v1/{name=a/*}")).toBeUndefined();
  expect(add("/v1/{name=*/a}")).toBeUndefined();
  expect(add("/v1/{p=**}")).toBeUndefined();
  expect(add("/v1/a/*:verb")).toBeUndefined();
  expect(add("/v1/a/{id}")).toBe("/v1/{name=a/*}");
  expect(add("/v1/**")).toBe("/v1/{p=**}");
});

test("whatever is encoded into a segment comes out of it", () => {
  const value = fc.string({ unit: "binary", minLength: 1 });
  fc.assert(
    fc.property(value, value, (id, last) => {
      const path = `/v1/chats/${encodeURIComponent(id)}/files/${encodeURIComponent(last)}`;
      const routes = ["GET /v1/chats/{id}/files/{file}", "GET /v1/**", "GET /v1/chats/{id}/{x=**}"];
      expect(find(routes, `GET ${path}`)).toEqual({ name: routes[0], variables: { id, file: last } });
    }),
  );
});

test("captures of several segments keep their number of segments", () => {
  const value = fc.string({ unit: "binary", minLength: 1 });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (parts) => {
      const decoded = decodeSegments(parts.map(encodeURIComponent), false);
      expect(decoded.split("/")).toHaveLength(parts.length);
    }),
  );
});

test.each([
  ["/a/b?c=d?e", "/a/b", "c=d?e"],
  ["/a", "/a", ""],
  ["/a?", "/a", ""],
  ["/a#f?x", "/a", ""],
  ["/a?x#f", "/a", "x"],
  ["http://host:80/a?x", "/a", "x"],
  ["HTTPS://host", "", ""],
  ["//a", "//a", ""],
])("the target %s has the path %s and the query %s", (target, path, query) => {
  expect(splitTarget(target)).toEqual({ path, query });
});
