import { DiscardPolicy, PersistMode, RetentionPolicy, StorageType, type StreamConfig } from "@nats-io/jetstream";
import { JETSTREAM_CODES } from "./jetstream-codes.ts";
import { apiCode } from "./nats-stream-api.ts";

/** How long NATS knows a stored record's id: more than twice what a publish may take. */
const DUPLICATE_WINDOW_MS = 120_000;
const NANOS_PER_MS = 1_000_000;

/** What differs between the streams of Parley. */
export type StreamNeeds = { name: string; subjects: string[]; maxBytes: number; replicas: number };

/** The configuration of a stream that never drops a record by itself. */
export function streamConfig({ name, subjects, maxBytes, replicas }: StreamNeeds) {
  return {
    name,
    subjects,
    max_bytes: maxBytes,
    num_replicas: replicas,
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    max_age: 0,
    max_msgs: -1,
    max_msgs_per_subject: -1,
    max_msg_size: -1,
    duplicate_window: DUPLICATE_WINDOW_MS * NANOS_PER_MS,
    allow_direct: true,
    deny_delete: false,
    deny_purge: false,
    sealed: false,
  } satisfies Partial<StreamConfig>;
}

/** What a stream must not have, as the server leaves out what is not set. */
const UNWANTED = ["no_ack", "mirror", "sources", "subject_transform", "allow_msg_ttl"] as const;
/** The settings behind parts of a configuration. */
const SETTINGS: Readonly<Record<string, string>> = { max_bytes: "QUEUE_BYTES_MAX", num_replicas: "NATS_REPLICAS" };

/** Rejects a stream that somebody made otherwise, with a line for each difference. */
export function assertConfig(stream: StreamConfig, wanted: ReturnType<typeof streamConfig>): void {
  const lines = Object.entries(wanted)
    .map(([name, value]) => ({ name, value: JSON.stringify(value), found: JSON.stringify(partOf(stream, name)) }))
    .filter(({ value, found }) => value !== found)
    .map(({ name, value, found }) => `  ${name} is ${found}; ${describeSetting(name)}${value}`);
  lines.push(...UNWANTED.filter((name) => stream[name]).map((name) => `  ${name} is set; it must not be`));
  if (stream.persist_mode === PersistMode.Async) lines.push("  persist_mode is async; it must not be");
  if (lines.length === 0) return;
  throw new Error(
    `the stream ${stream.name} in NATS is not what Parley needs:\n${lines.join("\n")}\n` +
      `change the stream with \`nats stream edit ${stream.name}\`, or the setting that is named`,
  );
}

/** The server leaves out what is false or 0. */
function partOf(stream: StreamConfig, name: string): unknown {
  const standard = name === "max_age" ? 0 : false;
  return (stream as unknown as Record<string, unknown>)[name] ?? standard;
}

function describeSetting(name: string): string {
  return SETTINGS[name] === undefined ? "it must be " : `${SETTINGS[name]} says `;
}

/** What to do where the server does not make a stream, by the code of its refusal. */
const ADVICE: Readonly<Record<number, string>> = {
  [JETSTREAM_CODES.ClusterNoPeers]: "give the cluster as many servers with room as NATS_REPLICAS says",
  [JETSTREAM_CODES.StorageResourcesExceeded]: "raise max_file_store of the server, or lower QUEUE_BYTES_MAX",
  [JETSTREAM_CODES.StreamReplicasNotSupported]: "set NATS_REPLICAS to 1, or use a cluster",
};

/** Throws why a stream was not made, with what to do where that is known. */
export function throwRefusal(error: unknown, { name, max_bytes }: ReturnType<typeof streamConfig>): never {
  const advice = ADVICE[apiCode(error) ?? 0];
  if (advice === undefined) throw error;
  const { message } = (error as Error).cause as Error;
  throw new Error(`NATS does not make the stream ${name} of ${max_bytes} bytes (${message}): ${advice}`, {
    cause: error,
  });
}
