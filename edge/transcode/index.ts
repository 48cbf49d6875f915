export type { ErrorInfoSource } from "./error-reply.ts";
export { type ErrorOptions, frameworkErrors } from "./http-answer.ts";
export type { RefusalKind } from "./refusal.ts";
export { type TranscodeOptions, transcode } from "./transcode.ts";
