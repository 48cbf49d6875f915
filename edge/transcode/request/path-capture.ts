import { ScalarType } from "@bufbuild/protobuf";
import { type ReflectMessage, scalarEquals } from "@bufbuild/protobuf/reflect";
import type { JsonReaders } from "../json/json-reader.ts";
import { malformed } from "../refusal.ts";
import { openContainer } from "../routing/field-path.ts";
import type { Capture } from "../routing/route.ts";
import { decodeSegments } from "./request-target.ts";

/**
 * Sets the fields that the path captures. The body may repeat them, but not contradict them.
 *
 * @param segments the path's raw segments, without the verb
 * @throws Refusal malformedRequest
 */
export function bindPath(
  message: ReflectMessage,
  captures: readonly Capture[],
  segments: readonly string[],
  readers: JsonReaders,
): void {
  for (const { variable, path } of captures) {
    const text = decodeSegments(segments.slice(variable.start, variable.end), variable.single);
    try {
      bindCapture(message, path, text, readers);
    } catch (error) {
      throw malformed(`path variable "${path.name}": ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function bindCapture(message: ReflectMessage, { parents, field }: Capture["path"], text: string, readers: JsonReaders) {
  const container = openContainer(message, parents);
  const before = container.isSet(field) ? container.get(field) : undefined;
  readers.writeText(container.message, field, text);
  if (before === undefined) return;
  const scalar = field.scalar ?? ScalarType.INT32;
  if (!scalarEquals(scalar, before as string, container.get(field) as string)) {
    throw new Error("the body holds another value");
  }
}
