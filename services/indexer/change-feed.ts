import { type Attributes, Op } from "sequelize";
import type { Database } from "../database/database.ts";
import { findByKeys } from "../database/find-by-keys.ts";
import type { MessageRow } from "../message/message-model.ts";
import { chatKey } from "../search/search-changes.ts";
import type { SearchChanges, SearchDocument, SearchedMessage } from "../search/search-index.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import { WriterPosition } from "../writer/writer-position.ts";

/** Messages of one page at most. */
const PAGE_MESSAGES = 2_000;
/** What the index takes of a message, and nothing else: half of the columns. */
const COLUMNS = [
  "application",
  "chat",
  "number",
  "body",
  "authorUser",
  "createTime",
  "deleteTime",
  "changeSeq",
  "internal",
  "systemEvent",
] as const satisfies (keyof Attributes<MessageRow>)[];

/** A part of the changes, and the mark up to which it is complete. */
export type ChangePage = { changes: SearchChanges; position: CommitMark };

type Message = Pick<Attributes<MessageRow>, (typeof COLUMNS)[number]>;

/** What changed in the database, in the order of `change_seq`, for whoever mirrors it. */
export class ChangeFeed {
  readonly #database: Database;
  readonly #position: WriterPosition;

  constructor(database: Database) {
    this.#database = database;
    this.#position = new WriterPosition(database);
  }

  /** The mark that the database has reached. */
  end(): Promise<CommitMark> {
    return this.#position.load();
  }

  /** Changes after a mark and up to another, which the database must have reached. */
  async read(after: CommitMark, upTo: CommitMark): Promise<ChangePage> {
    const messages: Message[] = await this.#database.messages.findAll({
      attributes: [...COLUMNS],
      where: { changeSeq: { [Op.gt]: after, [Op.lte]: upTo } },
      order: [["changeSeq", "ASC"]],
      limit: PAGE_MESSAGES,
      raw: true,
    });
    const position = messages.length < PAGE_MESSAGES ? upTo : messages.at(-1)!.changeSeq;
    const living = await this.#inLivingChats(messages);
    const gone = { deleteTime: { [Op.ne]: null }, changeSeq: { [Op.gt]: after, [Op.lte]: position } };
    const chats = await this.#database.chats.findAll({ attributes: ["application", "number"], where: gone, raw: true });
    const applications = await this.#database.applications.findAll({ attributes: ["token"], where: gone, raw: true });
    const changes: SearchChanges = {
      upserts: living.filter(isFound).map(documentOf),
      removals: living.filter(({ deleteTime }) => deleteTime !== null).map(nameOf),
      removedChats: chats.map(({ application, number }) => ({ application, chat: number })),
      removedApplications: applications.map(({ token }) => token),
    };
    return { changes, position };
  }

  /**
   * The messages without those of chats that are deleted: such a chat, whose deletion has a later mark, may be gone from
   * the database before that is read. The deletion of a chat that lives has not happened, so it will be read.
   */
  async #inLivingChats(messages: Message[]): Promise<Message[]> {
    const keys = new Map(
      messages.map(({ application, chat }) => [chatKey({ application, chat }), { application, number: chat }]),
    );
    const found = await findByKeys(this.#database.chats, [...keys.values()], { where: { deleteTime: null } });
    const living = new Set(found.map(({ application, number }) => chatKey({ application, chat: number })));
    return messages.filter((message) => living.has(chatKey(message)));
  }
}

function nameOf({ application, chat, number, changeSeq }: Message): SearchedMessage {
  return { application, chat, number, changeMark: changeSeq };
}

/** What the system writes is not looked for by words. */
function isFound({ deleteTime, systemEvent }: Message): boolean {
  return deleteTime === null && systemEvent === null;
}

function documentOf(message: Message): SearchDocument {
  const { body, authorUser, internal, createTime } = message;
  const author = authorUser ?? "";
  return { ...nameOf(message), body: body ?? "", author, internal: internal === 1, createTimeMs: createTime };
}
