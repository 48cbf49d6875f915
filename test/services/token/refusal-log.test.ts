import { pino } from "pino";
import { expect, test, vi } from "vitest";
import { createRefusalLog } from "../../../services/token/refusal-log.ts";

function createScene() {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { lines, refuse: createRefusalLog(log) };
}

const REFUSED = { cause: "its exp is too far", issuer: "https://login.example", keyId: "key-1", application: "a" };

test("a refused token is logged with its cause, issuer and key", () => {
  const { lines, refuse } = createScene();
  refuse(REFUSED);
  expect(lines).toMatchObject([{ level: 30, ...REFUSED, msg: "a token of another issuer was refused" }]);
});

test("what a token does not say is not logged", () => {
  const { lines, refuse } = createScene();
  refuse({ ...REFUSED, issuer: "", keyId: "", application: undefined });
  for (const field of ["issuer", "keyId", "application"]) expect(lines[0]).not.toHaveProperty(field);
});

test("what a token says is cut", () => {
  const { lines, refuse } = createScene();
  refuse({ ...REFUSED, issuer: "i".repeat(5_000), keyId: "k".repeat(5_000) });
  expect(lines).toMatchObject([{ issuer: "i".repeat(256), keyId: "k".repeat(256) }]);
});

test("a flood of them is ten lines a second", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const { lines, refuse } = createScene();
  for (let index = 0; index < 100; index++) refuse(REFUSED);
  expect(lines).toHaveLength(10);
  vi.advanceTimersByTime(1_000);
  for (let index = 0; index < 100; index++) refuse(REFUSED);
  expect(lines).toHaveLength(20);
  vi.useRealTimers();
});
