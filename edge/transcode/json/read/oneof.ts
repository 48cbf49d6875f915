import type { DescField } from "@bufbuild/protobuf";
import type { LocalMessage } from "../local-message.ts";
import { JsonProblem } from "../text/problem.ts";

/** Refuses a field where another one of its oneof is set. @throws JsonProblem naming both */
export function refuseSecondCase(message: LocalMessage, field: DescField): void {
  const { oneof } = field;
  if (oneof === undefined) return;
  const { case: present } = message[oneof.localName] as { readonly case?: string };
  if (present === undefined || present === field.localName) return;
  const other = oneof.fields.find(({ localName }) => localName === present);
  throw new JsonProblem(`${field.name} and ${other?.name} cannot both be set: they are one oneof`);
}
