import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { createValidator, type Violation } from "@bufbuild/protovalidate";
import type { Interceptor } from "@connectrpc/connect";
import { type FieldViolation, invalidFields } from "../errors.ts";
import { memoize } from "../memoize.ts";
import { mapMessages } from "../message-stream.ts";
import { createEvidentValidity } from "./evident-validity.ts";
import { violationInWords } from "./rule-words.ts";

/** `message.body`, `requests[3].message`, `metadata["key"]` */
function formatPath(path: Violation["field"]): string {
  return path
    .map((step, index) => {
      if (step.kind === "field") return index === 0 ? step.name : `.${step.name}`;
      if (step.kind === "list_sub") return `[${step.index}]`;
      if (step.kind === "map_sub") return `[${JSON.stringify(step.key)}]`;
      return index === 0 ? step.name : `.${step.name}`;
    })
    .join("");
}

/** Put into words when read, since of the many violations that a request can have only the first are told. */
function toFieldViolation(violation: Violation): FieldViolation {
  return {
    get field() {
      return formatPath(violation.field);
    },
    get description() {
      return violationInWords(violation);
    },
  };
}

/** Without the patterns that a text breaks for being empty, which is told already. */
function withoutEchoes(violations: readonly Violation[]): Violation[] {
  const tooShort = violations.filter(({ ruleId }) => ruleId === "string.min_len");
  const paths = new Set(tooShort.map(({ field }) => formatPath(field)));
  return violations.filter(({ ruleId, field }) => ruleId !== "string.pattern" || !paths.has(formatPath(field)));
}

/** The rules' patterns are the contract's own and simple; the platform's expressions match them far faster than RE2. */
function createPatternMatcher(): (pattern: string, text: string) => boolean {
  const expressionOf = memoize((pattern: string) => new RegExp(pattern, "u"));
  return (pattern, text) => expressionOf(pattern).test(text);
}

/**
 * Checks every request message against the rules in the contract: INVALID_ARGUMENT with a BadRequest that names each
 * field. Like `authorize` it throws where it could reject: what runs the chain awaits it in any case.
 */
export function validate(): Interceptor {
  const regexMatch = createPatternMatcher();
  const isEvident = createEvidentValidity(regexMatch);
  const validator = createValidator({ regexMatch });
  const check = <Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): MessageShape<Desc> => {
    if (isEvident(schema, message)) return message;
    const result = validator.validate(schema, message);
    if (result.kind === "error") throw result.error;
    if (result.kind === "valid") return message;
    throw invalidFields(withoutEchoes(result.violations).map(toFieldViolation));
  };
  return (next) => (request) => {
    const { input } = request.method;
    if (request.stream)
      return next({ ...request, message: mapMessages(request.message, (each) => check(input, each)) });
    check(input, request.message);
    return next(request);
  };
}
