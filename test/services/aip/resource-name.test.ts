import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatApplicationName,
  formatChatName,
  formatMessageName,
  formatTokenKeyName,
  MAX_NUMBER,
  parseApplicationName,
  parseChatName,
  parseMessageName,
  parseTokenKeyName,
} from "../../../services/aip/resource-name.ts";
import { failureOf } from "../../failure.ts";

const TOKEN = "0123456789abcdefghjkmnpqrs";
const application = fc.stringMatching(/^[0-9a-z]{26}$/);
const number = fc.oneof(fc.integer({ min: 1, max: MAX_NUMBER }), fc.constant(MAX_NUMBER));

describe("resource names", () => {
  test("are parsed to what they were formatted from", () => {
    fc.assert(
      fc.property(application, number, number, (token, chat, message) => {
        const name = { application: token, chat, message };
        expect(parseMessageName(formatMessageName(name), "name")).toEqual(name);
        expect(parseChatName(formatChatName(name), "name")).toEqual({ application: token, chat });
        expect(parseApplicationName(formatApplicationName(name), "name")).toEqual({ application: token });
      }),
    );
  });

  test("of token keys are, too", () => {
    const name = { application: TOKEN, tokenKey: "k".repeat(26) };
    expect(parseTokenKeyName(formatTokenKeyName(name), "name")).toEqual(name);
  });

  test.each([
    ["", parseApplicationName],
    [`applications/${TOKEN}x`, parseApplicationName],
    [`applications/${TOKEN.toUpperCase()}`, parseApplicationName],
    [`applications/${TOKEN}/`, parseApplicationName],
    [`applications/${TOKEN}/chats/1`, parseApplicationName],
    [`applications/${TOKEN}`, parseChatName],
    [`applications/${TOKEN}/chats/0`, parseChatName],
    [`applications/${TOKEN}/chats/01`, parseChatName],
    [`applications/${TOKEN}/chats/-1`, parseChatName],
    [`applications/${TOKEN}/chats/2147483648`, parseChatName],
    [`applications/${TOKEN}/chats/1/messages/1`, parseChatName],
    [`applications/${TOKEN}/chats/1`, parseMessageName],
    [`applications/${TOKEN}/chats/1/messages/`, parseMessageName],
    [`applications/${TOKEN}/chats/1/messages/2147483648`, parseMessageName],
    [`applications/${TOKEN}/chats/1/messages/1\n`, parseMessageName],
    [`applications/${TOKEN}/chats/1/messages/1e3`, parseMessageName],
    [`applications/${TOKEN}/tokenKeys/${TOKEN}x`, parseTokenKeyName],
    [`applications/${TOKEN}/tokenKeys/`, parseTokenKeyName],
    [`applications/${TOKEN}`, parseTokenKeyName],
  ])("%j is refused, with its field and the form that is wanted", async (name, parse) => {
    const failure = await failureOf((async () => parse(name, "message.name"))());
    expect(failure).toMatchObject({ code: "InvalidArgument", reason: "FIELD_INVALID", fields: ["message.name"] });
    expect(failure.message).toContain("applications/{token}");
  });
});
