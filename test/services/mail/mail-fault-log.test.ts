import { pino } from "pino";
import { expect, onTestFinished, test, vi } from "vitest";
import { causeOf, createMailFaultLog } from "../../../services/mail/mail-fault-log.ts";

const FAULT = {
  application: "a",
  mail: "registration",
  what: "the server is away",
  cause: "no way",
  waitMs: 50,
} as const;

function createScene() {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { lines, tell: createMailFaultLog(log) };
}

test("failures that are alike are one line a minute, which counts those that are left out", () => {
  const { lines, tell } = createScene();
  for (let failure = 1; failure <= 5; failure++) tell(FAULT);
  expect(lines).toMatchObject([{ level: 40, msg: "the server is away; it is tried again", waitMs: 50 }]);
  expect(lines[0]).not.toHaveProperty("leftOut");
  vi.advanceTimersByTime(60_000);
  for (let failure = 1; failure <= 3; failure++) tell(FAULT);
  expect(lines.slice(1)).toMatchObject([{ leftOut: 4 }]);
});

test("a failure of another kind is told at once", () => {
  const { lines, tell } = createScene();
  tell(FAULT);
  tell({ ...FAULT, what: "the database is away" });
  expect(lines.map(({ msg }) => msg)).toEqual([
    "the server is away; it is tried again",
    "the database is away; it is tried again",
  ]);
});

test("a cause is what an error and those behind it say", () => {
  expect(causeOf(new Error("refused", { cause: new Error("550 no") }))).toBe("refused: 550 no");
  expect(causeOf("a text")).toBe("a text");
});
