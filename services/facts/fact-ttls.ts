import type { Settings } from "../settings/settings.ts";
import type { FactKind } from "./fact-name.ts";

/** How long each kind of fact is believed without being looked up, in milliseconds. */
export type FactTtls = Readonly<Record<FactKind, number>>;

/** As the settings say. */
export function factTtls(settings: Settings): FactTtls {
  const { CACHE_PROFILE_TTL: profile, CACHE_CHAT_TTL: chat, CACHE_MESSAGE_TTL: message } = settings;
  return { user: profile, application: profile, chat, member: chat, message };
}

/** How long any fact is believed at most, in milliseconds. */
export function longestTtl(ttls: FactTtls): number {
  return Math.max(...Object.values(ttls));
}
