import type { CacheReport } from "./cache-report.ts";
import type { FactName } from "./fact-name.ts";
import type { HeldFact } from "./held-fact.ts";

/** What of a chat facts may be about. */
type NameInChat = Extract<FactName, { kind: "chat" | "member" | "message" }>;

/** What is held of a chat, its members and its messages. */
export class ChatScope {
  #chat: HeldFact | undefined;
  readonly #members = new Map<string, HeldFact>();
  readonly #messages = new Map<number, HeldFact>();

  /** At least 1. */
  get size(): number {
    return 1 + this.#members.size + this.#messages.size;
  }

  find(name: NameInChat): HeldFact | undefined {
    if (name.kind === "chat") return this.#chat;
    return name.kind === "member" ? this.#members.get(name.user) : this.#messages.get(name.message.message);
  }

  /** False where the oldest member or message of `max` had to make room. */
  keep(name: NameInChat, fact: HeldFact, max: number): boolean {
    if (name.kind === "chat") {
      this.#chat = fact;
      return true;
    }
    const isRoom = this.find(name) !== undefined || this.size <= max;
    if (name.kind === "member") setIn(this.#members, name.user, fact, isRoom);
    else setIn(this.#messages, name.message.message, fact, isRoom);
    return isRoom;
  }

  forgetMember(user: string): void {
    this.#members.delete(user);
  }

  /** Counts all that is held as evicted. */
  countEvictions(counts: CacheReport["counts"]): void {
    if (this.#chat) counts.chat.evictions++;
    counts.member.evictions += this.#members.size;
    counts.message.evictions += this.#messages.size;
  }
}

/** Where there is no room, the oldest of the map makes it; where the map has none, nothing is kept. */
function setIn<Key>(held: Map<Key, HeldFact>, key: Key, fact: HeldFact, isRoom: boolean): void {
  const oldest = isRoom ? undefined : held.keys().next();
  if (oldest?.done) return;
  if (oldest) held.delete(oldest.value);
  held.set(key, fact);
}
