import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { failureOf, failuresOf } from "../failure.ts";
import { bodyOf, text } from "../message-text.ts";
import { openParleySession, type ParleySession } from "../parley-session.ts";
import { exchange } from "../rest-transport.ts";
import type { Tenant } from "../tenant.ts";

let session: ParleySession;
let tenant: Tenant;
let chat: string;

beforeAll(async () => {
  session = await openParleySession();
  tenant = await session.createTenant();
});

afterAll(() => session.close());

beforeEach(async () => {
  chat = (await tenant.chats.createChat({ parent: tenant.name, chat: {} })).name;
});

const create = (body: string) => tenant.messages.createMessage({ parent: chat, message: text(body) });

async function count(): Promise<number> {
  return (await tenant.messages.listMessages({ parent: chat })).messages.length;
}

describe("a body", () => {
  test.each([
    ["20,000 code points", "x".repeat(20_000)],
    ["20,000 code points outside the basic plane", "🎈".repeat(20_000)],
    ["white space around a letter", " \n\u3000x\t"],
    ["a zero-width joiner sequence", "👩‍👩‍👧‍👦"],
    ["control characters", "a\u0001\u001b[31m"],
    ["HTML", "<script>alert('&amp;')</script>"],
    ["decomposed letters", "e\u0301"],
  ])("of %s is stored as given", async (_, body) => {
    const { name } = await create(body);
    expect(bodyOf(await tenant.messages.getMessage({ name }))).toBe(body);
  });

  test.each([
    ["nothing", ""],
    ["20,001 code points", "x".repeat(20_001)],
    ["20,001 code points outside the basic plane", "🎈".repeat(20_001)],
    ["white space", " \t\r\n"],
    ["ideographic and no-break spaces", "\u3000\u00a0\u2028"],
    ["NUL", "a\0b"],
  ])("of %s is refused, in an edit too", async (_, body) => {
    const { name } = await create("good");
    const update = tenant.messages.updateMessage({ message: { name, ...text(body) } });
    for (const failure of await failuresOf([create(body), update])) {
      expect(failure).toMatchObject({ code: "InvalidArgument", reason: "FIELD_INVALID" });
      expect(new Set(failure.fields)).toEqual(new Set(["message.body"]));
    }
    expect((await create("next")).number).toBe(2);
  });

  test.each([
    ["body", '{"body": "a\\ud800b"}'],
    ["metadata", '{"body": "x", "metadata": {"k": "\\udfff"}}'],
  ])("with a lone surrogate in its %s is refused over REST", async (_, json) => {
    const headers = { authorization: `Bearer ${tenant.key}`, "content-type": "application/json" };
    const answer = await exchange(`${session.address}/v1/${chat}/messages`, { method: "POST", headers, body: json });
    expect(answer.status).toBe(400);
    const { error } = JSON.parse(answer.body.toString()) as { error: { status: string; details: object[] } };
    expect(error.status).toBe("INVALID_ARGUMENT");
    expect(error.details[0]).toMatchObject({ domain: "parley" });
    expect(await count()).toBe(0);
  });
});

describe("metadata", () => {
  test.each([
    ["4,096 bytes in keys and values", { ключ: "x".repeat(4_088) }],
    ["a key of 128 code points", { ["🎈".repeat(128)]: "" }],
    ["the key __proto__", JSON.parse('{"__proto__": "x", "constructor": "y"}') as Record<string, string>],
  ])("of %s is stored as given", async (_, metadata) => {
    const { name } = await tenant.messages.createMessage({ parent: chat, message: { ...text("x"), metadata } });
    expect(Object.entries((await tenant.messages.getMessage({ name })).metadata)).toEqual(Object.entries(metadata));
  });

  test.each([
    ["4,097 bytes", { ключ: "x".repeat(4_089) }, "message.metadata"],
    ["an empty key", { "": "x" }, 'message.metadata[""]'],
    ["a key of 129 code points", { ["k".repeat(129)]: "" }, `message.metadata["${"k".repeat(129)}"]`],
    ["NUL in a value", { k: "\0" }, "message.metadata"],
  ])("of %s is refused", async (_, metadata, field) => {
    const failure = await failureOf(
      tenant.messages.createMessage({ parent: chat, message: { ...text("x"), metadata } }),
    );
    expect(failure).toMatchObject({ reason: "FIELD_INVALID", fields: [field] });
  });
});
