import { expect, test } from "vitest";
import { mentionsIn } from "../../../services/message/mentions.ts";

const upTo = (count: number) => Array.from({ length: count }, (_, index) => `u${index + 1}`);
const LONGEST = "a".repeat(128);

test.each<[what: string, body: string | null, mentions: string[]]>([
  ["no text", null, []],
  ["a text without any", "hello", []],
  ["one alone", "@ann", ["ann"]],
  ["one in a sentence", "ask @ann, please", ["ann"]],
  ["each once, in their order", "@bob @ann @bob", ["bob", "ann"]],
  ["every character of an id", "@A-z_0.9~x!", ["A-z_0.9~x"]],
  ["full stops and hyphens at the end, which are the sentence's", "@ann. @bob-- @c.d...", ["ann", "bob", "c.d"]],
  ["other characters at the end, which are the id's", "@ann_ @bob~", ["ann_", "bob~"]],
  ["an @ with nothing behind it", "@ @. @- @", []],
  ["two @ in sequence", "@@ann", ["ann"]],
  ["the address of a mailbox", "ann@example.com", []],
  ["other letters and brackets around it", "é@ann (@bob)\n@cid", ["ann", "bob", "cid"]],
  ["the longest id", `@${LONGEST}.`, [LONGEST]],
  ["one that is too long", `@${LONGEST}a @ann`, ["ann"]],
  [
    "more than 50",
    upTo(60)
      .map((id) => `@${id}`)
      .join(" "),
    upTo(50),
  ],
])("%s", (_what, body, mentions) => {
  expect(mentionsIn(body)).toEqual(mentions);
});

/** The least of several times, in milliseconds. */
function timeOf(body: string): number {
  const once = () => {
    const start = performance.now();
    mentionsIn(body);
    return performance.now() - start;
  };
  return Math.min(...Array.from({ length: 5 }, once));
}

test.each(["@", "@.", "@a", ".", "@-.", "a."])("a body full of %s takes a time that grows as it does", (part) => {
  const bodyOf = (length: number) => `@${part.repeat(length / part.length)}a`;
  const times = timeOf(bodyOf(32_000)) / timeOf(bodyOf(1_000));
  // 32 where it does, 1,024 where it grows with the square.
  expect(times).toBeLessThan(300);
});
