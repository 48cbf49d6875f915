import { create, type JsonObject, toJson } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonReaders } from "../../../edge/transcode/json/json-reader.ts";
import { Refusal } from "../../../edge/transcode/refusal.ts";
import type { BindOptions } from "../../../edge/transcode/request/bind-request.ts";
import { bindQuery } from "../../../edge/transcode/request/query.ts";
import { compileRoutes } from "../../../edge/transcode/routing/compile.ts";
import { lookup } from "../../../edge/transcode/routing/route-trie.ts";
import { KitchenService, SinkSchema } from "./gen/kitchen/v1/kitchen_pb.ts";

const options: BindOptions = { readers: new JsonReaders() };

function routeOf(method: string, path: string) {
  const match = lookup(compileRoutes([KitchenService], {}).trie, method, path);
  if (match.kind !== "route") throw new Error("no route");
  return match.route;
}

const sink = routeOf("GET", "/v1/sink");

function bind(query: string): JsonObject {
  const message = reflect(SinkSchema);
  bindQuery(message, sink, query, options);
  return toJson(SinkSchema, message.message as never) as JsonObject;
}

function refusal(query: string, route = sink): string {
  try {
    bindQuery(reflect(route.method.input), route, query, options);
  } catch (error) {
    if (error instanceof Refusal && error.kind === "malformedRequest") return error.message;
    throw error;
  }
  throw new Error("no refusal");
}

describe("a parameter sets its field", () => {
  test.each<[query: string, json: JsonObject]>([
    ["", {}],
    ["&&", {}],
    // Scalars.
    ["a_double=-1.5e3", { aDouble: -1500 }],
    ["a_double=0.5&a_float=2E0", { aDouble: 0.5, aFloat: 2 }],
    ["a_double=NaN&a_float=-Infinity", { aDouble: "NaN", aFloat: "-Infinity" }],
    ["a_double=Infinity", { aDouble: "Infinity" }],
    ["an_int32=-2147483648", { anInt32: -2147483648 }],
    ["an_int64=9223372036854775807", { anInt64: "9223372036854775807" }],
    ["a_uint32=4294967295", { aUint32: 4294967295 }],
    ["a_uint64=18446744073709551615", { aUint64: "18446744073709551615" }],
    ["a_sint32=1.0&a_fixed64=1e3&an_int32=-0", { aSint32: 1, aFixed64: "1000" }],
    ["a_bool=true", { aBool: true }],
    ["a_bool=false", {}],
    ["a_string=a+b%2Bc%26d=e", { aString: "a b+c&d=e" }],
    ["a_string=%00", { aString: "\0" }],
    ["a_string=%F0%9F%8D%9D", { aString: "🍝" }],
    ["a_string=", {}],
    ["maybe=", { maybe: "" }],
    ["maybe", { maybe: "" }],
    ["some_bytes=-_8", { someBytes: "+/8=" }],
    ["some_bytes=%2B/8=", { someBytes: "+/8=" }],
    // Enums by name and number.
    ["course=COURSE_MAIN", { course: "COURSE_MAIN" }],
    ["course=1", { course: "COURSE_STARTER" }],
    ["course=99", { course: 99 }],
    // By JSON name.
    ["anInt32=1&aString=x", { anInt32: 1, aString: "x" }],
    ["renamed=a", { otherName: "a" }],
    ["otherName=a", { otherName: "a" }],
    // Lists.
    ["strings=a&strings=&strings=b,c", { strings: ["a", "", "b,c"] }],
    ["numbers=1&a_bool=true&numbers=1", { numbers: [1, 1], aBool: true }],
    ["courses=COURSE_MAIN&courses=1", { courses: ["COURSE_MAIN", "COURSE_STARTER"] }],
    ["times=2024-01-02T03:04:05Z", { times: ["2024-01-02T03:04:05Z"] }],
    // Nested.
    ["nested.an_int32=1&nested.aString=x", { nested: { anInt32: 1, aString: "x" } }],
    ["nested.nested.strings=a&nested.nested.strings=b", { nested: { nested: { strings: ["a", "b"] } } }],
    ["%6Eested%2Ean_int32=1", { nested: { anInt32: 1 } }],
    // Well-known types.
    ["time=2024-01-02T03:04:05.006Z", { time: "2024-01-02T03:04:05.006Z" }],
    ["time=2024-01-02T03:04:05%2B01:00", { time: "2024-01-02T02:04:05Z" }],
    ["duration=1.5s", { duration: "1.500s" }],
    ["duration=-0.000000001s", { duration: "-0.000000001s" }],
    ["mask=display_name,labels", { mask: "displayName,labels" }],
    ["mask=displayName,dish.createTime", { mask: "displayName,dish.createTime" }],
    ["mask=", { mask: "" }],
    ["wrapped_string=&wrapped_int64=5", { wrappedString: "", wrappedInt64: "5" }],
    ["wrapped_bool=false&wrapped_double=0", { wrappedBool: false, wrappedDouble: 0 }],
    ["wrapped_bytes=AQ", { wrappedBytes: "AQ==" }],
    // Maps.
    ["labels[a]=1&labels[b.c]=2&labels[]=3", { labels: { a: "1", "b.c": "2", "": "3" } }],
    ["labels[a[0]]=1&labels%5Bx%5D=2", { labels: { "a[0]": "1", x: "2" } }],
    ["served[1]=COURSE_MAIN&counts[true]=5", { served: { "1": "COURSE_MAIN" }, counts: { true: "5" } }],
    ["nested.labels[a]=1", { nested: { labels: { a: "1" } } }],
    // One of a oneof.
    ["green=0", { green: 0 }],
    ["blue.a_string=x&blue.an_int32=1", { blue: { aString: "x", anInt32: 1 } }],
  ])("%s", (query, json) => {
    expect(bind(query)).toEqual(json);
  });

  test("a map's key can be __proto__", () => {
    const message = reflect(SinkSchema);
    bindQuery(message, sink, "labels[__proto__]=a", options);
    expect(Object.entries((message.message as unknown as { labels: object }).labels)).toEqual([["__proto__", "a"]]);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});

describe("a parameter that does not fit is refused", () => {
  test.each<[query: string, problem: string]>([
    ["nothing=1", 'query parameter "nothing": kitchen.v1.Sink has no field "nothing"; it has aDouble, aFloat, anInt32'],
    ["nothing=1", "aBool, aString, someBytes, course, …"],
    ["=1", 'query parameter "": kitchen.v1.Sink has no field ""'],
    ["__proto__=1", 'query parameter "__proto__": kitchen.v1.Sink has no field "__proto__"'],
    ["nested.nothing=1", 'query parameter "nested.nothing": kitchen.v1.Sink has no field "nothing"'],
    ["nested.=1", 'query parameter "nested.": kitchen.v1.Sink has no field ""'],
    ["a_string.x=1", "kitchen.v1.Sink.a_string has no fields that can be set one by one"],
    ["time.seconds=1", "kitchen.v1.Sink.time has no fields that can be set one by one"],
    ["wrapped_int64.value=1", "kitchen.v1.Sink.wrapped_int64 has no fields that can be set one by one"],
    ["many.a_string=1", "kitchen.v1.Sink.many has no fields that can be set one by one"],
    ["choice=1", 'kitchen.v1.Sink has no field "choice"'],
    ["nested=1", "is a kitchen.v1.Sink, which one text cannot hold"],
    ["many={}", "is a kitchen.v1.Sink, which one text cannot hold"],
    ["struct={}", "is a google.protobuf.Struct, which one text cannot hold"],
    ["any={}", "is a google.protobuf.Any, which one text cannot hold"],
    ["value=1", "is a google.protobuf.Value, which one text cannot hold"],
    ["sinks[a]=1", "is a kitchen.v1.Sink, which one text cannot hold"],
    ["an_int32=", 'expected a whole number, got ""'],
    ["an_int32=0x10", 'expected a whole number, got "0x10"'],
    ["an_int32=1.5", "expected a whole number, got 1.5"],
    ["an_int32=007", 'expected a whole number, got "007"'],
    ["an_int32=%2B1", 'expected a whole number, got "+1"'],
    ["an_int64=9007199254740993.5", "expected a whole number, got 9007199254740993.5"],
    ["an_int32=%201", 'expected a whole number, got " 1"'],
    ["an_int32=2147483648", "expected a whole number from -2147483648 to 2147483647, got 2147483648"],
    ["a_uint32=-1", "expected a whole number from 0 to 4294967295, got -1"],
    ["an_int64=9223372036854775808", "from -9223372036854775808 to 9223372036854775807, got 9223372036854775808"],
    ["a_uint64=-1", "expected a whole number from 0 to 18446744073709551615, got -1"],
    ["a_float=1e39", "the range of a float, got 1e39"],
    ["a_double=1e309", "the range of a double, got 1e309"],
    ["a_double=infinity", 'expected a number, "NaN", "Infinity" or "-Infinity", got "infinity"'],
    ["a_double=0x1", '"-Infinity", got "0x1"'],
    ["a_double=", '"-Infinity", got ""'],
    ["a_double=.5", '"-Infinity", got ".5"'],
    ["a_double=2.", '"-Infinity", got "2."'],
    ["a_bool=1", 'expected true or false, got "1"'],
    ["a_bool", 'expected true or false, got ""'],
    ["some_bytes=a+b/", 'expected base64 (with "+" as %2B, or base64url), got "a b/"'],
    ["some_bytes=a", 'expected base64 (with "+" as %2B, or base64url), got "a"'],
    ["some_bytes=AR", 'got "AR"'],
    ["course=MAIN", 'expected COURSE_UNSPECIFIED, COURSE_STARTER or COURSE_MAIN, or its number, got "MAIN"'],
    ["course=", '""'],
    ["course=4294967296", "or its number, got 4294967296"],
    ["time=yesterday", 'expected a time as in 2030-01-31T13:00:00Z or 2030-01-31T13:00:00.5+01:00, got "yesterday"'],
    ["time=2023-02-29T00:00:00Z", 'got "2023-02-29T00:00:00Z"'],
    ["time=2024-01-02T03:04:05+01:00", 'got "2024-01-02T03:04:05 01:00"'],
    ["duration=1", 'expected a duration in seconds as in 1.5s, got "1"'],
    ["duration=1sx", 'got "1sx"'],
    ["duration=1.0000000001s", 'got "1.0000000001s"'],
    ["duration=315576000001s", "expected a duration of at most 315576000000s"],
    ["mask=a,", 'expected names of fields as in display_name,author.user, got "a,"'],
    ["wrapped_bool=yes", 'expected true or false, got "yes"'],
    ["labels=a", "is a map: name a key, as in labels[key]=value"],
    ["labels[a=1", 'query parameter "labels[a": has a "[" but does not end in "]"'],
    ["labels[a].b=1", 'has a "[" but does not end in "]"'],
    ["served[x]=1", 'the key: expected a whole number, got "x"'],
    ["counts[1]=1", 'the key: expected true or false, got "1"'],
    ["strings[0]=a", "is not a map, and has no keys"],
    // Twice.
    ["an_int32=1&an_int32=1", 'query parameter "an_int32": is given twice'],
    ["an_int32=1&anInt32=2", 'query parameter "anInt32": is given twice'],
    ["nested.a_bool=true&nested.aBool=true", "is given twice"],
    ["labels[a]=1&labels[a]=2", 'query parameter "labels[a]": is given twice'],
    ["served[1]=1&served[1.0]=2", 'query parameter "served[1.0]": is given twice'],
    ["mask=a&mask=b", "is given twice"],
    ["maybe&maybe", "is given twice"],
    ["red=a&green=1", 'query parameter "green": green and red cannot both be set: they are one oneof'],
    ["blue.a_bool=true&red=a", "red and blue cannot both be set: they are one oneof"],
    ["red=a&blue.a_bool=true", "blue and red cannot both be set: they are one oneof"],
    // Encoding.
    ["a_string=%", '"%" is not percent-encoded UTF-8'],
    ["a_string=%zz", '"%zz" is not percent-encoded UTF-8'],
    ["a_string=%FF", '"%FF" is not percent-encoded UTF-8'],
    ["%FF=a", '"%FF" is not percent-encoded UTF-8'],
  ])("%s", (query, problem) => {
    expect(refusal(query)).toContain(problem);
  });

  test("because it goes too deep", () => {
    expect(refusal(`${"nested.".repeat(100)}a_bool=true`)).toContain("is more than 100 fields deep");
  });

  test("and quoted in part only, however long it is", () => {
    expect(refusal(`an_int32=${"x".repeat(10_000)}`).length).toBeLessThan(200);
  });
});

describe("what the path or the body binds, the query cannot set", () => {
  test.each([
    ["GET", "/v1/menus/1/dishes/2", "name=a", "name is bound by the path or the body"],
    ["GET", "/v1/dishes/2", "number=2", "number is bound by the path or the body"],
    ["POST", "/v1/menus/1/dishes", "dish.display_name=a", "dish is bound by the path or the body"],
    ["PATCH", "/v1/menus/1/dishes/2", "dish.name=a", "dish is bound by the path or the body"],
    ["POST", "/v1/sink", "a_bool=true", "the body is the whole request, there are no query parameters"],
    ["POST", "/v1/tags:sort", "tags=a", "tags is bound by the path or the body"],
  ])("%s %s?%s", (method, path, query, problem) => {
    expect(refusal(query, routeOf(method, path))).toContain(problem);
  });

  test("and it can set the rest", () => {
    const route = routeOf("POST", "/v1/menus/1/dishes");
    const message = reflect(route.method.input);
    bindQuery(message, route, "validate_only=true", options);
    expect(toJson(route.method.input, message.message)).toEqual({ validateOnly: true });
  });
});

describe("unknown parameters that are ignored", () => {
  const ignoring: BindOptions = { ...options, unknownParameters: "ignore" };

  test.each(["nothing=1", "=1", "nested.nothing=1", "a_string.x=1&a_string.x=2", "__proto__.a=1"])("%s", (query) => {
    const message = reflect(SinkSchema);
    bindQuery(message, sink, `${query}&an_int32=1`, ignoring);
    expect(toJson(SinkSchema, message.message as never)).toEqual({ anInt32: 1 });
  });

  test("leave what is known to its rules", () => {
    const bind = (query: string, route = sink) => bindQuery(reflect(route.method.input), route, query, ignoring);
    expect(() => bind("an_int32=x")).toThrow("expected a whole number");
    expect(() => bind("a_bool=true", routeOf("POST", "/v1/sink"))).toThrow("there are no query parameters");
    bind("utm=1", routeOf("POST", "/v1/sink"));
  });
});

test("every string, number and key survives the way through a query", () => {
  const text = fc.string({ unit: "binary" });
  const numbers = fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
  const bytes = fc.uint8Array({ maxLength: 20 });
  fc.assert(
    fc.property(
      text,
      fc.double(),
      numbers,
      bytes,
      fc.dictionary(text, text),
      (aString, aDouble, list, some, labels) => {
        const parameters = new URLSearchParams({ a_string: aString, a_double: String(aDouble) });
        for (const number of list) parameters.append("numbers", String(number));
        parameters.append("some_bytes", Buffer.from(some).toString("base64"));
        for (const [key, value] of Object.entries(labels)) parameters.append(`labels[${key}]`, value);
        const expected = create(SinkSchema, {
          aString,
          aDouble: aDouble === 0 ? 0 : aDouble,
          numbers: list,
          someBytes: some,
          labels,
        });
        expect(bind(parameters.toString())).toEqual(toJson(SinkSchema, expected));
      },
    ),
  );
});
