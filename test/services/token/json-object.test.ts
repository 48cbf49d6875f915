import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJsonObject } from "../../../services/token/json-object.ts";

describe("a JSON object", () => {
  test("is what JSON.parse makes of its text", () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(object, fc.constantFrom(undefined, 2), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        expect(parseJsonObject(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test("is none where a member is there twice, however that is written", () => {
    const members = fc.array(fc.tuple(fc.string(), fc.jsonValue()), { minLength: 1 });
    fc.assert(
      fc.property(members, fc.nat(), (entries, index) => {
        const written = entries.map(([name, value]) => `${JSON.stringify(name)} : ${JSON.stringify(value)}`);
        const [name] = entries[index % entries.length]!;
        const again = `${JSON.stringify(name)}:{"a":[{":":1}]}`;
        expect(parseJsonObject(`{${[...written, again].join(",")}}`)).toBeUndefined();
      }),
    );
    expect(parseJsonObject('{"sub":1,"\\u0073ub":2}')).toBeUndefined();
  });

  test.each(["", "null", "[]", '"text"', "7", "{", '{"a":}', '{"a":1}x', "{'a':1}"])("is none in %j", (text) => {
    expect(parseJsonObject(text)).toBeUndefined();
  });
});
