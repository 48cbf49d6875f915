import type { JsonValue } from "@bufbuild/protobuf";
import type { Segment } from "../../transcode/index.ts";

/**
 * Splits the pattern of a whole name, `^applications/[0-9a-z]{26}$`, into one for each segment.
 *
 * @returns undefined where it is not, slash by slash, of the same form as the segments
 */
export function splitPattern(pattern: JsonValue | undefined, segments: readonly Segment[]): string[] | undefined {
  if (typeof pattern !== "string") return undefined;
  const pieces = /^\^([^|()]*)\$$/.exec(pattern)?.[1]?.split("/");
  if (pieces?.length !== segments.length) return undefined;
  const fits = segments.every((segment, index) => segment.kind !== "literal" || pieces[index] === segment.text);
  return fits ? pieces.map((piece) => `^${piece}$`) : undefined;
}
