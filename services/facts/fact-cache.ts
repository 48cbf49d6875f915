import { LRUCache } from "lru-cache";
import type { ChatName } from "../aip/resource-name.ts";
import { type CacheReport, createCacheCounts } from "./cache-report.ts";
import { ChatScope } from "./chat-scope.ts";
import type { FactKind, FactName } from "./fact-name.ts";
import type { FactChange } from "./facts.ts";
import type { HeldFact } from "./held-fact.ts";

/**
 * The facts that a process holds: those least recently asked for make room. What is held of a chat, its members and its
 * messages comes and goes together.
 */
export class FactCache {
  readonly #users: LRUCache<string, HeldFact>;
  readonly #applications: LRUCache<string, HeldFact>;
  readonly #chats: LRUCache<string, ChatScope>;
  readonly #partsMax: number;
  #lastChat: ChatName | undefined;
  #lastKey = "";
  readonly counts = createCacheCounts();

  /** @param max how many users, how many applications, and how many chats, members and messages together */
  constructor(max: number) {
    const single = (kind: FactKind) =>
      new LRUCache<string, HeldFact>({
        maxSize: max,
        sizeCalculation: () => 1,
        dispose: (_fact, _key, reason) => void (reason === "evict" && this.counts[kind].evictions++),
      });
    this.#users = single("user");
    this.#applications = single("application");
    this.#partsMax = Math.max(1, Math.floor(max / 2));
    this.#chats = new LRUCache<string, ChatScope>({
      maxSize: Math.max(2, max),
      sizeCalculation: ({ size }) => size,
      dispose: (scope, _key, reason) => void (reason === "evict" && scope.countEvictions(this.counts)),
    });
  }

  find(name: FactName): HeldFact | undefined {
    switch (name.kind) {
      case "user":
        return this.#users.get(`${name.application}/${name.user}`);
      case "application":
        return this.#applications.get(name.application);
      case "message":
        return this.#chats.get(this.#rememberedKeyOf(name.message))?.find(name);
      default:
        return this.#chats.get(this.#rememberedKeyOf(name.chat))?.find(name);
    }
  }

  keep(name: FactName, fact: HeldFact): void {
    if (name.kind === "user") this.#users.set(`${name.application}/${name.user}`, fact);
    else if (name.kind === "application") this.#applications.set(name.application, fact);
    else {
      const key = keyOf(name.kind === "message" ? name.message : name.chat);
      const scope = this.#chats.get(key) ?? new ChatScope();
      if (!scope.keep(name, fact, this.#partsMax)) this.counts[name.kind].evictions++;
      // Taken out first, as the same one set again would keep its size.
      this.#chats.delete(key);
      this.#chats.set(key, scope);
    }
  }

  /** Forgets what changed, and what is in it. */
  forget(change: FactChange): void {
    if (change.kind === "user") this.#users.delete(`${change.application}/${change.user}`);
    else if (change.kind === "chat") this.#chats.delete(keyOf(change.chat));
    else if (change.kind === "member") this.#chats.get(keyOf(change.chat))?.forgetMember(change.user);
    else this.#forgetApplication(change.application);
  }

  /** Whoever asks for a chat asks for a member of it next, by the same object. */
  #rememberedKeyOf(chat: ChatName): string {
    if (chat === this.#lastChat) return this.#lastKey;
    this.#lastChat = chat;
    this.#lastKey = keyOf(chat);
    return this.#lastKey;
  }

  clear(): void {
    for (const cache of [this.#users, this.#applications, this.#chats]) cache.clear();
  }

  report(): CacheReport {
    const entries = this.#users.size + this.#applications.size + this.#chats.calculatedSize;
    return { entries, counts: this.counts };
  }

  /** Applications rarely change, so that all keys may be looked at. */
  #forgetApplication(application: string): void {
    this.#applications.delete(application);
    for (const cache of [this.#users, this.#chats]) {
      for (const key of cache.keys()) if (key.startsWith(`${application}/`)) cache.delete(key);
    }
  }
}

function keyOf({ application, chat }: ChatName): string {
  return `${application}/${chat}`;
}
