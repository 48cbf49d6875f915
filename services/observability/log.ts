import { type Logger, multistream, pino, type StreamEntry, stdSerializers } from "pino";
import pretty from "pino-pretty";
import type { Settings } from "../settings/settings.ts";

/**
 * The fields that a log line may have. Anything else is left out, so that no body, key or token can get into a log
 * because somebody logged an object that held it.
 */
const ALLOWED_FIELDS = new Set([
  "err",
  "method",
  "protocol",
  "code",
  "reason",
  "fields",
  "verb",
  "path",
  "application",
  "mail",
  "user",
  "durationMs",
  "requestId",
  "traceId",
  "peer",
  "cause",
  "issuer",
  "keyId",
  "waitMs",
  "mark",
  "address",
  "grpcAddress",
  "privateAddress",
  "dataDir",
  "signal",
  "leftOut",
  "duty",
  "server",
  "epoch",
  "role",
]);

/** Log output: one JSON line an event to stdout, or a readable form of it; LOG_FILE gets the JSON lines too. */
export function createLog({
  LOG_LEVEL,
  LOG_FILE,
  LOG_PRETTY,
}: Pick<Settings, "LOG_LEVEL" | "LOG_FILE" | "LOG_PRETTY">): Logger {
  const level = LOG_LEVEL === "silent" ? "fatal" : LOG_LEVEL;
  const streams: StreamEntry[] = [{ level, stream: LOG_PRETTY ? pretty({ sync: true }) : process.stdout }];
  if (LOG_FILE) streams.push({ level, stream: pino.destination({ dest: LOG_FILE, mkdir: true, sync: false }) });
  const options = {
    level: LOG_LEVEL,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (fields: Record<string, unknown>) =>
        Object.fromEntries(Object.entries(fields).filter(([name]) => ALLOWED_FIELDS.has(name))),
    },
    serializers: { err: describeError },
  };
  return pino(options, multistream(streams));
}

/** An error with its causes, but without the properties that libraries hang on it: an SQL text holds bodies. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { type, message, stack } = stdSerializers.err(error);
  const cause = error.cause ?? (error as { original?: unknown }).original;
  return { type, message, stack, ...(cause instanceof Error ? { cause: describeError(cause) } : {}) };
}
