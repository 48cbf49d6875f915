import { type Attributes, Op } from "sequelize";
import type { Database } from "../database/database.ts";
import type { MessageRow } from "../message/message-model.ts";
import type { SearchChanges } from "../search/search-index.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";

/** Messages of one page at most. */
const PAGE_MESSAGES = 1_000;

/** A part of the changes, and the mark up to which it is complete. */
export type ChangePage = { changes: SearchChanges; position: CommitMark };

function documentOf({ application, chat, number, body, authorUser, createTime }: Attributes<MessageRow>) {
  return { application, chat, number, body: body ?? "", author: authorUser ?? "", createTimeMs: createTime };
}

/** What changed in the database, in the order of `change_seq`, for whoever mirrors it. */
export class ChangeFeed {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Changes after a mark and up to another, which the database must have reached. */
  async read(after: CommitMark, upTo: CommitMark): Promise<ChangePage> {
    const messages = await this.#database.messages.findAll({
      where: { changeSeq: { [Op.gt]: after, [Op.lte]: upTo } },
      order: [["changeSeq", "ASC"]],
      limit: PAGE_MESSAGES,
      raw: true,
    });
    const position = messages.length < PAGE_MESSAGES ? upTo : messages.at(-1)!.changeSeq;
    const gone = { deleteTime: { [Op.ne]: null }, changeSeq: { [Op.gt]: after, [Op.lte]: position } };
    const chats = await this.#database.chats.findAll({ attributes: ["application", "number"], where: gone, raw: true });
    const applications = await this.#database.applications.findAll({ attributes: ["token"], where: gone, raw: true });
    const changes: SearchChanges = {
      upserts: messages.filter(({ deleteTime }) => deleteTime === null).map(documentOf),
      removals: messages
        .filter(({ deleteTime }) => deleteTime !== null)
        .map(({ application, chat, number }) => ({ application, chat, number })),
      removedChats: chats.map(({ application, number }) => ({ application, chat: number })),
      removedApplications: applications.map(({ token }) => token),
    };
    return { changes, position };
  }
}
