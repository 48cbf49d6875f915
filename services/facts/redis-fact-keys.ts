import type { ChatName } from "../aip/resource-name.ts";
import { applicationOf, type FactName } from "./fact-name.ts";
import type { FactChange } from "./facts.ts";

/** Where facts are held: a hash, and a field of it. */
export type FactPlace = { scope: string; field: string };

/** Where the facts about something are held. */
export function placeOf(prefix: string, name: FactName): FactPlace {
  switch (name.kind) {
    case "user":
      return { scope: `${prefix}user:${name.application}/${name.user}`, field: "user" };
    case "application":
      return { scope: applicationScope(prefix, name.application), field: "application" };
    case "chat":
      return { scope: chatScope(prefix, name.chat), field: "chat" };
    case "member":
      return { scope: chatScope(prefix, name.chat), field: `member ${name.user}` };
    case "message":
      return { scope: chatScope(prefix, name.message), field: `message ${name.message.message}` };
  }
}

/** Marks that end what is held in a scope, beside those that the scope is emptied with. */
export function outerMarks(prefix: string, name: FactName): string[] {
  return [markOf(applicationScope(prefix, applicationOf(name))), everythingMark(prefix)];
}

/** All marks that say that something changed. */
export function marksOf(prefix: string, name: FactName): string[] {
  return [markOf(placeOf(prefix, name).scope), ...outerMarks(prefix, name)];
}

/** The mark that says that everything may have changed. */
export function everythingMark(prefix: string): string {
  return `${prefix}changed`;
}

/** What a change empties: a field, or where that is "" the whole scope; and the mark that says so. */
export function emptiedBy(prefix: string, change: FactChange): FactPlace & { mark: string } {
  const { scope, field } = placeOf(prefix, change);
  return { scope, field: change.kind === "member" ? field : "", mark: markOf(scope) };
}

function markOf(scope: string): string {
  return `${scope}:changed`;
}

function applicationScope(prefix: string, application: string): string {
  return `${prefix}application:${application}`;
}

function chatScope(prefix: string, { application, chat }: ChatName): string {
  return `${prefix}chat:${application}/${chat}`;
}
