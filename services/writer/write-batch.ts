import { toBinary } from "@bufbuild/protobuf";
import { Op, type Transaction } from "sequelize";
import { type Applied, AppliedSchema } from "../../gen/parley/queue/v1/record_pb.ts";
import { type ChatName, formatChatName, parseChatName } from "../aip/resource-name.ts";
import type { Database } from "../database/database.ts";
import type { FactChange } from "../facts/facts.ts";
import { recordChanges } from "../facts/recorded-changes.ts";
import { applyCreateChat, applyCreateMessages } from "./apply-create.ts";
import { referencesOf } from "./batch-references.ts";
import type { BatchRows } from "./batch-rows.ts";
import { factChangesOf } from "./fact-changes.ts";
import { judgeMutation } from "./judge-mutation.ts";
import { loadBatchRows } from "./load-batch-rows.ts";
import { applyMarkRead } from "./mark-read.ts";
import { persistRows } from "./persist-rows.ts";
import { unknownWrite, type WriteUnit } from "./write-unit.ts";

/** Ids that one statement names at most. */
const IDS_PER_STATEMENT = 500;

/** What a batch is written with. */
export type WriteBatchOptions = {
  database: Database;
  /** How long a request_id is remembered, in milliseconds. */
  requestTtlMs: number;
  now: () => number;
};

/** What came of a batch. */
export type WrittenBatch = {
  /** On the mutations in it, in their order. */
  verdicts: Applied[];
  /** Chats that are gone: creates in them were dropped. */
  dropped: ChatName[];
  /** Facts that changed beside those that the verdicts tell of. */
  forgotten: FactChange[];
};

/** Applies writes in their order to the database, within a transaction. */
export async function writeBatch(
  { database, requestTtlMs, now }: WriteBatchOptions,
  units: readonly WriteUnit[],
  transaction: Transaction,
): Promise<WrittenBatch> {
  const rows = await loadBatchRows(database, referencesOf(units), transaction);
  const verdicts: Applied[] = [];
  const published: string[] = [];
  for (const { kind, mark } of units) {
    if (kind.case === "createChat") applyCreateChat(rows, kind.value, mark, requestTtlMs);
    else if (kind.case === "createMessages") applyCreateMessages(rows, kind.value, mark, requestTtlMs);
    else if (kind.case === "markRead") applyMarkRead(rows, kind.value, mark);
    else if (kind.case === "applied") published.push(kind.value.id);
    else if (kind.case === undefined) throw unknownWrite("write");
    else if (kind.case === "mutation" && !rows.judged.has(kind.value.id)) {
      const verdict = await judgeMutation(rows, kind.value, mark, (application) =>
        hasChats(database, rows, application, transaction),
      );
      rows.judged.add(kind.value.id);
      rows.verdicts.push({ id: verdict.id, verdict: encode(verdict), published: 0, createTime: now() });
      verdicts.push(verdict);
    }
  }
  await persistRows(database, rows, transaction);
  await recordChanges(database, believedBefore(rows, verdicts), transaction);
  for (let start = 0; start < published.length; start += IDS_PER_STATEMENT) {
    const id = published.slice(start, start + IDS_PER_STATEMENT);
    await database.outbox.update({ published: 1 }, { where: { id }, transaction });
  }
  return { verdicts, dropped: rows.dropped, forgotten: rows.forgotten };
}

/** What changed of the facts that may have been believed before: not those about chats that were not there. */
function believedBefore({ chats, forgotten }: BatchRows, verdicts: readonly Applied[]): FactChange[] {
  const isNew = (change: FactChange) =>
    change.kind === "chat" && chats.get(formatChatName(change.chat))?.state === "new";
  return [...forgotten.filter((change) => !isNew(change)), ...verdicts.flatMap(factChangesOf)];
}

/** Sequelize escapes a Buffer, not a plain Uint8Array. */
function encode(verdict: Applied): Uint8Array {
  return Buffer.from(toBinary(AppliedSchema, verdict));
}

/** Whether an application has a chat, in the database or in the batch. */
async function hasChats(
  database: Database,
  rows: BatchRows,
  application: string,
  transaction: Transaction,
): Promise<boolean> {
  const own = [...rows.chats].filter(([name]) => parseChatName(name, "name").application === application);
  if (own.some(([, { row }]) => row.deleteTime === null)) return true;
  const gone = own.map(([, { row }]) => row.number);
  const other = await database.chats.findOne({
    attributes: ["number"],
    where: { application, deleteTime: null, number: { [Op.notIn]: gone } },
    raw: true,
    transaction,
  });
  return other !== null;
}
