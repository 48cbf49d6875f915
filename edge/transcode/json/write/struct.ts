import { unfit } from "./problem.ts";
import { stringText } from "./string.ts";
import type { ValueWriter } from "./value.ts";

/**
 * The writer of a google.protobuf.Struct that a field holds, which protobuf-es keeps as a JSON object. A value in it
 * that is not JSON, or a number that is not finite, is an error.
 */
export function structWriter(field: string): ValueWriter {
  const writeValue: ValueWriter = (value) => {
    switch (typeof value) {
      case "string":
        return stringText(value);
      case "boolean":
        return value ? "true" : "false";
      case "number":
        if (!Number.isFinite(value)) throw unfit(field, "a finite number", value);
        return `${value}`;
      default:
        if (value === null) return "null";
        return Array.isArray(value) ? `[${value.map(writeValue).join()}]` : writeObject(value);
    }
  };
  const writeObject: ValueWriter = (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw unfit(field, "a JSON object", value);
    let text = "";
    for (const [name, entry] of Object.entries(value)) {
      text += `${text === "" ? "{" : ","}${stringText(name)}:${writeValue(entry)}`;
    }
    return text === "" ? "{}" : `${text}}`;
  };
  return writeObject;
}
