import { expect, test } from "vitest";
import { outlineOf } from "../../../edge/server/path-outline.ts";

test.each([
  ["/", "/"],
  ["/v1/aplications?key=secret", "/v1/aplications"],
  ["/v1/applications/0k3j/chat", "/v1/applications/-/chat"],
  ["/v1/applications/0k3j/chats/7/messages:serch?query=x", "/v1/applications/-/chats/-/messages:serch"],
  ["/v1/parley_0k3j", "/v1/-"],
  ["/v1/a/%zz", "/v1/a/-"],
  ["/applications/k3j0", "/applications/-"],
  ["/parley.v1.ChatService/GetChats", "/parley.v1.ChatService/GetChats"],
  ["/favicon.ico", "/favicon.ico"],
  [`/v1/${"a".repeat(300)}`, "/v1/-"],
  ["/v1/\u001b[2J", "/v1/-"],
])("of %j a log may hold %j", (url, outline) => {
  expect(outlineOf(url)).toBe(outline);
});
