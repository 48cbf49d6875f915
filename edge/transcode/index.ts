export type { ErrorInfoSource } from "./answer/error-reply.ts";
export { type AnswerOptions, frameworkErrors } from "./answer/http-answer.ts";
export type { RefusalKind } from "./refusal.ts";
export { type TranscodeOptions, transcode } from "./transcode.ts";
export { isUnary } from "./unary-method.ts";
