import { describe, expect, test } from "vitest";
import { parseAnswer } from "../../../services/write-queue/nats-publish-answer.ts";

function refusal(code: number, description = "why"): string {
  return JSON.stringify({ error: { code: 400, err_code: code, description } });
}

describe("what JetStream says of a publish", () => {
  test.each([
    ['{"stream":"s","seq":7}', { kind: "stored", sequence: 7, duplicate: false }],
    ['{"stream":"s","seq":7,"duplicate":true}', { kind: "stored", sequence: 7, duplicate: true }],
    ['{"stream":"s","seq":0}', { kind: "unknown" }],
    [refusal(10_071), { kind: "not-expected" }],
    [refusal(10_070), { kind: "not-expected" }],
    [refusal(10_002), { kind: "full" }],
    [refusal(10_047), { kind: "full" }],
    [refusal(10_077, "maximum bytes exceeded"), { kind: "full" }],
    [refusal(10_077, "no such file"), { kind: "unknown" }],
    [refusal(10_164), { kind: "busy", reason: "why" }],
    [refusal(10_158), { kind: "busy", reason: "why" }],
    [refusal(10_163), { kind: "busy", reason: "why" }],
    [refusal(10_008), { kind: "unknown" }],
  ])("%s is %j", (text, answer) => {
    expect(parseAnswer(text)).toMatchObject(answer);
  });
});
