import type { Client, estypes } from "@elastic/elasticsearch";
import type { Logger } from "pino";
import { answered, ElasticsearchFailure } from "../elasticsearch/elasticsearch-failure.ts";
import { abortableDelay } from "../process/abortable-delay.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import type { DocumentAddress, IndexWrite } from "./elasticsearch-search-document.ts";

/** In UTF-16 units. */
const REQUEST_LENGTH = 4 * 1_048_576;
const REQUEST_WRITES = 1_000;
/** Elasticsearch writes one while the next is made and sent. */
const REQUESTS_AT_ONCE = 2;

const VERSION_CONFLICT = 409;
const TOO_MANY_REQUESTS = 429;

/** What is read of an answer; with the rest it would be six times as long. */
const ANSWER_PARTS = ["error", "items.*.status", "items.*.error.type"];

/** The waits after which what failed is sent again. */
const WAITS_MS = [50, 100, 200, 400, 800, 1_600];

/** What Elasticsearch says of a document that it will never take, because of what is in it. */
const CONTENT_FAULTS = new Set([
  "document_parsing_exception",
  "mapper_parsing_exception",
  "illegal_argument_exception",
]);

/** A write, or the deletion of what is at an address. */
export type BulkWrite = IndexWrite | { address: DocumentAddress };

/** Where and how to write. */
export type BulkTarget = {
  client: Client;
  index: string;
  log: Logger;
  /** Whether what is written can be found at once, which is dear; else within a second. */
  refresh: boolean;
  /** Ends the waits between attempts. */
  signal: AbortSignal;
};

/** A write as Elasticsearch takes it: a line for the action and one for the document, and how long they are. */
type EncodedWrite = { mark: CommitMark | undefined; lines: string[]; size: number };

/** What became of a write. */
type Outcome = "stored" | "refused" | ElasticsearchFailure;

/**
 * Writes in bulk, in as many requests as their size asks for, in no order; resolves when all is stored. An index that has a newer
 * version of a document keeps it. Of what failed for now, because the cluster is busy or a shard is away, only that is
 * sent again, seven times in all. A document that Elasticsearch refuses for its content is logged and left out; it
 * cannot be found. Any other failure rejects with ElasticsearchFailure: some of it may be stored.
 */
export async function writeBulk(target: BulkTarget, writes: Iterable<BulkWrite>): Promise<void> {
  const failures: unknown[] = [];
  const underWay = new Set<Promise<void>>();
  for (const request of requestsOf(writes)) {
    if (underWay.size === REQUESTS_AT_ONCE) await Promise.race(underWay);
    if (failures.length > 0) break;
    const stored = writeUntilStored(target, request)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => underWay.delete(stored));
    underWay.add(stored);
  }
  await Promise.all(underWay);
  if (failures.length > 0) throw failures[0];
}

function* requestsOf(writes: Iterable<BulkWrite>): Generator<EncodedWrite[]> {
  let size = 0;
  let request: EncodedWrite[] = [];
  for (const write of writes) {
    const encoded = encode(write);
    if (request.length === REQUEST_WRITES || (request.length > 0 && size + encoded.size > REQUEST_LENGTH)) {
      yield request;
      request = [];
      size = 0;
    }
    request.push(encoded);
    size += encoded.size;
  }
  if (request.length > 0) yield request;
}

function encode(write: BulkWrite): EncodedWrite {
  const lines = [JSON.stringify(actionOf(write))];
  if ("document" in write) lines.push(JSON.stringify(write.document));
  return {
    mark: "version" in write ? write.version : undefined,
    lines,
    size: lines.reduce((sum, { length }) => sum + length, 0),
  };
}

function actionOf(write: BulkWrite): estypes.BulkOperationContainer {
  if (!("document" in write)) return { delete: write.address };
  const { address, version } = write;
  return { index: version === undefined ? address : { ...address, version, version_type: "external" } };
}

async function writeUntilStored(target: BulkTarget, writes: EncodedWrite[]): Promise<void> {
  let left = writes;
  for (let attempt = 0; left.length > 0; attempt++) {
    const failed = await writeOnce(target, left);
    const [first] = failed;
    const wait = WAITS_MS[attempt];
    if (first && wait === undefined) throw first.failure;
    left = failed.map(({ write }) => write);
    if (first) await abortableDelay(wait!, target.signal);
    target.signal.throwIfAborted();
  }
}

/** Sends writes in one request. @returns those that may be stored later */
async function writeOnce(
  target: BulkTarget,
  writes: EncodedWrite[],
): Promise<{ write: EncodedWrite; failure: ElasticsearchFailure }[]> {
  const outcomes = await send(target, writes);
  return writes.flatMap((write, place) => {
    const outcome = outcomes[place]!;
    if (outcome === "stored") return [];
    if (outcome === "refused") {
      target.log.error(
        { mark: write.mark },
        "Elasticsearch refuses what was changed with this mark; it cannot be found",
      );
      return [];
    }
    if (!outcome.isPassing()) throw outcome;
    return { write, failure: outcome };
  });
}

async function send({ client, index, refresh, signal }: BulkTarget, writes: EncodedWrite[]): Promise<Outcome[]> {
  const operations = writes.flatMap(({ lines }) => lines);
  try {
    const { items } = await answered(
      client.bulk<string>({ index, refresh, operations, filter_path: ANSWER_PARTS }, { signal }),
      signal,
    );
    return items.map((item) => outcomeOf((item.index ?? item.delete)!));
  } catch (error) {
    const isBusy = error instanceof ElasticsearchFailure && error.status === TOO_MANY_REQUESTS;
    if (isBusy) return writes.map(() => error);
    throw error;
  }
}

function outcomeOf({ status, error }: estypes.BulkResponseItem): Outcome {
  if (error === undefined || status === VERSION_CONFLICT) return "stored";
  if (CONTENT_FAULTS.has(error.type)) return "refused";
  return new ElasticsearchFailure(`Elasticsearch refused a write with ${status}: ${error.type}`, {
    status,
    type: error.type,
  });
}
