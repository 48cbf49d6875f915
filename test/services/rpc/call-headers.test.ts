import { describe, expect, test } from "vitest";
import { CallHeaders } from "../../../services/rpc/call-headers.ts";

const RECEIVED = {
  ":path": "/a",
  "content-type": "application/grpc",
  "grpc-timeout": "1S",
  "x-one": "1",
  "x-raw-bin": "AP4B,Bw",
};

describe("headers of a call", () => {
  test("are read in any case, without what is HTTP/2's and gRPC's own", () => {
    const headers = new CallHeaders(RECEIVED);
    expect([headers.get("X-One"), headers.has("x-two"), headers.get("content-type")]).toEqual(["1", false, null]);
    expect(headers.get("x-raw-bin")).toBe("AP4B, Bw==");
  });

  test("are the platform's where all are asked for", () => {
    const headers = new CallHeaders(RECEIVED);
    const expected = { "x-one": "1", "x-raw-bin": "AP4B, Bw==" };
    expect(Object.fromEntries(headers)).toEqual(expected);
    expect(Object.fromEntries(new Headers(headers))).toEqual(expected);
    const seen: string[] = [];
    headers.forEach((value, name) => void seen.push(`${name}: ${value}`));
    expect(seen).toEqual(["x-one: 1", "x-raw-bin: AP4B, Bw=="]);
    expect([[...headers.keys()], [...headers.values()]]).toEqual([Object.keys(expected), Object.values(expected)]);
  });

  test("can be changed, which does not change what was received", () => {
    const headers = new CallHeaders(RECEIVED);
    expect(headers.changed).toBeUndefined();
    headers.append("x-one", "2");
    headers.set("x-two", "3");
    headers.delete("x-raw-bin");
    expect(Object.fromEntries(headers)).toEqual({ "x-one": "1, 2", "x-two": "3" });
    expect(RECEIVED["x-one"]).toBe("1");
    expect(() => headers.set("not a name", "1")).toThrow(TypeError);
  });
});
