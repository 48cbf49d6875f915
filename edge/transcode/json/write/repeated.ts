import { stringText } from "./string.ts";
import type { ValueWriter } from "./value.ts";

/** Writes a list. @param write writes an item */
export function writeItems(items: readonly unknown[], write: ValueWriter): string {
  let text = "[";
  for (let index = 0; index < items.length; index++) {
    text += index === 0 ? write(items[index]) : `,${write(items[index])}`;
  }
  return `${text}]`;
}

/** Writes a map as an object. @param write writes the value of an entry */
export function writeEntries(entries: Readonly<Record<string, unknown>>, write: ValueWriter): string {
  let text = "";
  for (const key of Object.keys(entries)) {
    text += `${text === "" ? "{" : ","}${stringText(key)}:${write(entries[key])}`;
  }
  return text === "" ? "{}" : `${text}}`;
}
