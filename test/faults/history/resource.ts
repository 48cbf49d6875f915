/** What reads of a resource show: a message's body or a chat's title, or one of the two below. */
export type State = string;

/** The state of a message that is a tombstone. */
export const DELETED: State = "<deleted>";
/** The state of what does not exist, or no longer. */
export const ABSENT: State = "<absent>";

/** A message or chat as it was seen. `origin` says which create made it, see `originOf`. */
export type Item = { name: string; state: State; origin: string };

/** What a resource of a create carries for good, so that it is known again whatever its number: as a message's author. */
export function originOf(create: string, index: number): string {
  return `${create}.${index}`;
}

/** The name of what a resource belongs to; empty for an application. */
export function parentOf(name: string): string {
  return name.split("/").slice(0, -2).join("/");
}

/** The names of what a resource belongs to, the nearest first. */
export function ancestorsOf(name: string): string[] {
  const parent = parentOf(name);
  return parent === "" ? [] : [parent, ...ancestorsOf(parent)];
}

/** The name of the message of a chat, or of the chat of an application, with a number. */
export function childOf(parent: string, number: number): string {
  return `${parent}/${isChat(parent) ? "messages" : "chats"}/${number}`;
}

/** The number at the end of a name. */
export function numberOf(name: string): number {
  return Number(name.slice(name.lastIndexOf("/") + 1));
}

/** Whether the name is a chat's. */
export function isChat(name: string): boolean {
  return name.split("/").length === 4;
}
