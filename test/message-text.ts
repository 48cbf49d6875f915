/** The content of a message that says `body`. */
export function text(body: string) {
  return { content: { case: "body" as const, value: body } };
}

/** What a message says; undefined in a tombstone. */
export function bodyOf({ content }: { content: { case?: string; value?: unknown } }): string | undefined {
  return content.value as string | undefined;
}
