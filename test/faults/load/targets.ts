import { parentOf } from "../history/resource.ts";

/** How many of a chat's newest messages callers change and read. */
const NEWEST = 40;

/** What callers know of: chats, and the newest messages that they were told of. */
export class Targets {
  /** The key of each application. */
  readonly keys = new Map<string, string>();
  readonly #messages = new Map<string, string[]>();

  get chats(): string[] {
    return [...this.#messages.keys()];
  }

  addChat(name: string): void {
    this.#messages.set(name, []);
  }

  dropChat(name: string): void {
    this.#messages.delete(name);
  }

  addMessages(names: readonly string[]): void {
    const known = this.#messages.get(parentOf(names[0]!));
    known?.push(...names);
    known?.splice(0, known.length - NEWEST);
  }

  messages(chat: string): readonly string[] {
    return this.#messages.get(chat) ?? [];
  }

  /** The key for what is below an application. */
  keyFor(name: string): string {
    return this.keys.get(name.split("/").slice(0, 2).join("/"))!;
  }
}
