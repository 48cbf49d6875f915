import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  AddMembersSchema,
  type Applied,
  Refusal_ReasonSchema,
  UpdateMemberSchema,
  type Write,
} from "../../../gen/parley/queue/v1/record_pb.ts";
import { Chat_Kind } from "../../../gen/parley/v1/chat_pb.ts";
import { Member_Role, type MemberSchema } from "../../../gen/parley/v1/member_pb.ts";
import { type ChatName, formatMemberName } from "../../../services/aip/resource-name.ts";
import { timestampFromMillis } from "../../../services/aip/timestamp.ts";
import { createUser } from "../stores.ts";
import { CREATE_TIME_MS, chatWrite, membersWrite } from "../writes.ts";
import { WriterScene } from "./writer-scene.ts";

const { MEMBER, ADMIN, OWNER } = Member_Role;

/** When changes of members are asked for. */
export const JUDGED_MS = CREATE_TIME_MS + 1_000;
/** A time after that. */
export const LATER = timestampFromMillis(JUDGED_MS + 60_000);

/** Who asks; nobody is the backend. */
type By = { actor?: string };
type Fields = Omit<MessageInitShape<typeof MemberSchema>, "$typeName">;

/** A writer, and chats whose members it changes. */
export class MembersScene {
  readonly writer: WriterScene;

  private constructor(writer: WriterScene) {
    this.writer = writer;
  }

  static async open(): Promise<MembersScene> {
    return new MembersScene(await WriterScene.open());
  }

  close(): Promise<void> {
    return this.writer.close();
  }

  /** An application that has the users ada, bob, cid, dan, eve and fay. */
  async newApplication(): Promise<string> {
    const application = await this.writer.createApplication();
    const { database } = this.writer.stores;
    for (const user of ["ada", "bob", "cid", "dan", "eve", "fay"]) await createUser(database, application, user);
    return application;
  }

  /** A chat of ada's, with members, in such an application. */
  async createChat(members: string[] = ["bob", "cid"], kind: Chat_Kind = Chat_Kind.GROUP): Promise<ChatName> {
    const name = { application: await this.newApplication(), chat: 1 };
    await this.writer.apply(chatWrite(name, { kind, creator: "ada", members }));
    return name;
  }

  /** A group in which ada, the creator, and bob are OWNERs, cid is ADMIN, and dan and eve are plain. Two messages say so. */
  async createStaffed(): Promise<ChatName> {
    const chat = await this.createChat(["bob", "cid", "dan", "eve"]);
    await this.writer.apply(update(chat, 1, "bob", { role: OWNER }), update(chat, 2, "cid", { role: ADMIN }));
    return chat;
  }

  /** Of each change of members why it was refused; else its system message's number, or "unchanged". */
  async outcomes(...writes: Write[]): Promise<(number | string)[]> {
    return (await this.writer.apply(...writes)).map(outcomeOf);
  }

  /** The roles of a chat's members, by their ids. */
  async roles({ application, chat }: ChatName): Promise<Record<string, number>> {
    const { members } = this.writer.stores.database;
    const rows = await members.findAll({ where: { application, chat }, order: ["user"], raw: true });
    return Object.fromEntries(rows.map(({ user, role }) => [user, role]));
  }

  findMember({ application, chat }: ChatName, user: string) {
    return this.writer.stores.database.members.findOne({ where: { application, chat, user }, raw: true });
  }

  /** How many members a chat says that it has. */
  async membersCount(chat: ChatName): Promise<number> {
    return (await this.writer.findChat(chat))!.membersCount;
  }
}

/** Why a change was refused; else its system message's number, or "unchanged". */
export function outcomeOf({ outcome }: Applied): number | string {
  if (outcome.case === "refusal") return Refusal_ReasonSchema.value[outcome.value.reason]!.localName;
  if (outcome.case !== "members") return outcome.case ?? "none";
  return outcome.value.message?.number ?? "unchanged";
}

/** Users become members, told of under a number. */
export function add(
  chat: ChatName,
  number: number,
  users: string[],
  { role = MEMBER as Member_Role, max = 10, ...by }: By & { role?: Member_Role; max?: number } = {},
): Write {
  const value = create(AddMembersSchema, { users, role, membersMax: max });
  return membersWrite(chat, number, { case: "add", value }, by);
}

/** A member's fields change: those that are given, and those that are `unset`, by their proto names. */
export function update(
  chat: ChatName,
  number: number,
  user: string,
  { unset = [], ...set }: Fields & { unset?: string[] },
  by: By = {},
): Write {
  const paths = { role: "role", muteExpireTime: "mute_expire_time", banExpireTime: "ban_expire_time" };
  const value = create(UpdateMemberSchema, {
    member: { name: formatMemberName({ ...chat, user }), ...set },
    fields: [...Object.keys(set).map((key) => paths[key as keyof typeof paths]), ...unset],
  });
  return membersWrite(chat, number, { case: "update", value }, by);
}

/** A member goes. */
export function remove(chat: ChatName, number: number, user: string, by: By = {}): Write {
  return membersWrite(chat, number, { case: "remove", value: user }, by);
}
