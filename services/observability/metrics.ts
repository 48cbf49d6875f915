import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { CacheReport } from "../facts/cache-report.ts";
import { cacheCounters } from "./cache-counters.ts";
import { CallMetrics, type ObservedCall } from "./call-metrics.ts";
import { countAtCollection } from "./collected-counter.ts";

/** How much is in a queue. */
type QueueGauge = { records: number; bytes: number };

/** What is read when metrics are collected; a role tells what it knows. */
export type Gauges = {
  /** Records and bytes that wait to be persisted. */
  backlog?(): Promise<QueueGauge>;
  /** Writes that wait for a group. */
  pendingWrites?(): number;
  /** Records that the search index is behind the database. */
  indexLag?(): number;
  /** Reads of messages since the start, by whether the recent messages alone answered them. */
  recentReads?(): Readonly<Record<"hit" | "miss", number>>;
  /** Looks into the cache of facts since the start, by the kind of fact. */
  cache?(): CacheReport["counts"];
};

const RECENT_READS = {
  name: "parley_recent_reads_total",
  help: "Reads of messages, by whether the recent messages alone answered them or the database was asked.",
  label: "result",
};

/** The process's metrics, in Prometheus' text format. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #calls: CallMetrics;
  readonly #groupMessages: Histogram;
  readonly #groupBytes: Histogram;
  readonly #deadLetters: Counter;
  readonly #retries: Counter;
  readonly #refusals: Counter;
  readonly #unsentMails: Counter;

  constructor() {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#calls = new CallMetrics(this.#registry);
    this.#groupMessages = new Histogram({
      name: "parley_group_messages",
      help: "Creates in a group that was stored with one sync.",
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024],
      registers,
    });
    this.#groupBytes = new Histogram({
      name: "parley_group_bytes",
      help: "Bytes of a record of the write queue.",
      buckets: [256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304],
      registers,
    });
    this.#deadLetters = new Counter({
      name: "parley_dead_letters_total",
      help: "Writes that the database refused and that were set aside.",
      registers,
    });
    this.#retries = new Counter({
      name: "parley_retries_total",
      help: "Calls that the edge made again.",
      registers,
    });
    this.#refusals = new Counter({
      name: "parley_rate_limited_total",
      help: "Calls that were refused since there were too many, by the limit.",
      labelNames: ["limit"],
      registers,
    });
    this.#unsentMails = new Counter({
      name: "parley_unsent_mails_total",
      help: "Mails that are not sent any more: they were refused for good, or given up after ten minutes or at a stop.",
      labelNames: ["outcome"],
      registers,
    });
  }

  observeCall(call: ObservedCall): void {
    this.#calls.observe(call);
  }

  observeGroup({ messages, bytes }: { messages: number; bytes: number }): void {
    this.#groupMessages.observe(messages);
    this.#groupBytes.observe(bytes);
  }

  countDeadLetter(): void {
    this.#deadLetters.inc();
  }

  countRetry(): void {
    this.#retries.inc();
  }

  countRefusal(limit: string): void {
    this.#refusals.inc({ limit });
  }

  countUnsentMail(outcome: "refused" | "given_up"): void {
    this.#unsentMails.inc({ outcome });
  }

  /** Adds what is read at each collection. */
  watch({ backlog, pendingWrites, indexLag, recentReads, cache }: Gauges): void {
    if (backlog) {
      const read = onceAtATime(backlog);
      this.#gauge("parley_queue_records", "Records that wait to be persisted.", async () => (await read()).records);
      this.#gauge("parley_queue_bytes", "Bytes that wait to be persisted.", async () => (await read()).bytes);
    }
    if (pendingWrites) this.#gauge("parley_pending_writes", "Writes that wait for a group.", pendingWrites);
    if (indexLag) this.#gauge("parley_index_lag_records", "Records the search index is behind.", indexLag);
    if (recentReads) countAtCollection(this.#registry, { ...RECENT_READS, read: recentReads });
    for (const counter of cache ? cacheCounters(cache) : []) countAtCollection(this.#registry, counter);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  render(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Where it cannot be read, the others are told nevertheless. */
  #gauge(name: string, help: string, read: () => number | Promise<number>): void {
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      async collect() {
        try {
          this.set(await read());
        } catch {
          // The value stays as it was.
        }
      },
    });
  }
}

/** A call that those share who make it while it is under way, such as the gauges of one collection. */
function onceAtATime<T>(call: () => Promise<T>): () => Promise<T> {
  let current: Promise<T> | undefined;
  return () => {
    current ??= call().finally(() => {
      current = undefined;
    });
    return current;
  };
}
