export type { ErrorInfoSource } from "./error-reply.ts";
export { type AnswerOptions, frameworkErrors } from "./http-answer.ts";
export type { RefusalKind } from "./refusal.ts";
export { type TranscodeOptions, transcode } from "./transcode.ts";
export { isUnary } from "./unary-method.ts";
