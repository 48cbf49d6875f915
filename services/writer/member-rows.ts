import type { Attributes } from "sequelize";
import { Member_Role } from "../../gen/parley/v1/member_pb.ts";
import { type ChatName, formatChatName } from "../aip/resource-name.ts";
import type { MemberRow } from "../member/member-model.ts";

type Row = Attributes<MemberRow>;
type Tracked = { row: Row; isStored: boolean; state: "same" | "changed" | "removed" };

/** The memberships that a batch reads and writes; one that is not among them does not exist. */
export class MemberRows {
  /** By the chat's name, then by the user's id. */
  readonly #chats = new Map<string, Map<string, Tracked>>();

  /** @param stored as the database has them; one may come twice */
  constructor(stored: Iterable<Row>) {
    for (const row of stored) this.#enter({ row, isStored: true, state: "same" });
  }

  find(chat: ChatName, user: string): Row | undefined {
    const tracked = this.#chats.get(formatChatName(chat))?.get(user);
    return tracked?.state === "removed" ? undefined : tracked?.row;
  }

  /** The owners of a chat, where the batch changes members of it. */
  ownersOf(chat: ChatName): Row[] {
    return this.#living(this.#chats.get(formatChatName(chat))).filter(({ role }) => role === Member_Role.OWNER);
  }

  /** Those of a chat that are known, owners among them. */
  knownOf(chat: ChatName): Row[] {
    return this.#living(this.#chats.get(formatChatName(chat)));
  }

  /** All of a user who is erased. */
  ofUser(application: string, user: string): Row[] {
    const own = Array.from(this.#chats.values(), (members) => members.get(user));
    return own.flatMap((tracked) =>
      tracked && tracked.state !== "removed" && tracked.row.application === application ? [tracked.row] : [],
    );
  }

  /** Enters a membership that is new, or was changed. */
  put(row: Row): void {
    this.#enter({ row, isStored: this.#isStored(row), state: "changed" });
  }

  remove(row: Row): void {
    this.#enter({ row, isStored: this.#isStored(row), state: "removed" });
  }

  /** What is to be written. */
  get changed(): Row[] {
    return this.#inState("changed").map(({ row }) => row);
  }

  /** What is to be deleted. */
  get removed(): Row[] {
    return this.#inState("removed").flatMap(({ row, isStored }) => (isStored ? [row] : []));
  }

  #isStored({ application, chat, user }: Row): boolean {
    return this.#chats.get(formatChatName({ application, chat }))?.get(user)?.isStored ?? false;
  }

  #enter(tracked: Tracked): void {
    const name = formatChatName(tracked.row);
    const members = this.#chats.get(name) ?? new Map<string, Tracked>();
    this.#chats.set(name, members);
    members.set(tracked.row.user, tracked);
  }

  #living(members: Map<string, Tracked> | undefined): Row[] {
    return [...(members?.values() ?? [])].flatMap(({ row, state }) => (state === "removed" ? [] : [row]));
  }

  #inState(state: Tracked["state"]): Tracked[] {
    return Array.from(this.#chats.values(), (members) => [...members.values()])
      .flat()
      .filter((tracked) => tracked.state === state);
  }
}
