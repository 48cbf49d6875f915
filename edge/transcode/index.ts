export type { ErrorInfoSource } from "./answer/error-reply.ts";
export { type AnswerOptions, frameworkErrors } from "./answer/http-answer.ts";
export { isSent } from "./answer/sent-answer.ts";
export type { RefusalKind } from "./refusal.ts";
export { transcode } from "./transcode.ts";
export type { TranscodeOptions } from "./transcode-options.ts";
export { isUnary } from "./unary-method.ts";
