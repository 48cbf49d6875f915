import { expect, test } from "vitest";
import { factTtls, longestTtl } from "../../../services/facts/fact-ttls.ts";
import { readSettings } from "../../../services/settings/settings.ts";

test("facts are believed as long as the settings say of users, chats and messages, and none longer than the longest", () => {
  const settings = readSettings({ CACHE_PROFILE_TTL: "3s", CACHE_CHAT_TTL: "5s", CACHE_MESSAGE_TTL: "4s" });
  const ttls = factTtls(settings);
  expect(ttls).toEqual({ user: 3_000, application: 3_000, chat: 5_000, member: 5_000, message: 4_000 });
  expect(longestTtl(ttls)).toBe(5_000);
});
