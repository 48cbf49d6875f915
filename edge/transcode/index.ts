export type { ErrorInfoSource } from "./error-reply.ts";
export type { RefusalKind } from "./refusal.ts";
export { type ErrorOptions, frameworkErrors, type TranscodeOptions, transcode } from "./transcode.ts";
