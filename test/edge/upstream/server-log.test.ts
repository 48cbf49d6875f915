import { pino } from "pino";
import { expect, test } from "vitest";
import { createServerLog } from "../../../edge/upstream/server-log.ts";

test("each change at a server is a line, and of one that stays away, the first failure", () => {
  const lines: string[] = [];
  const log = pino({ base: null }, { write: (line) => lines.push(line) });
  const tell = createServerLog(log);
  const error = new Error("refused");
  tell("10.0.0.1:1", "away", error);
  tell("10.0.0.1:1", "away", error);
  tell("10.0.0.2:1", "away", error);
  tell("10.0.0.1:1", "serving");
  tell("10.0.0.1:1", "silent");
  tell("10.0.0.1:1", "away");
  tell("10.0.0.1:1", "away", error);
  tell("10.0.0.2:1", "gone");
  tell("10.0.0.2:1", "away", error);
  tell("api:1", "away", error);
  tell("api:1", "found");
  const told = lines.map((line) => JSON.parse(line) as Record<string, string>);
  expect(told.map(({ server, msg }) => `${server}: ${msg}`)).toEqual([
    "10.0.0.1:1: a server cannot be reached; it will be tried again",
    "10.0.0.2:1: a server cannot be reached; it will be tried again",
    "10.0.0.1:1: a server takes calls",
    "10.0.0.1:1: a server is silent",
    "10.0.0.1:1: the connection to a server has ended",
    "10.0.0.1:1: a server cannot be reached; it will be tried again",
    "10.0.0.2:1: an address is no server's any more",
    "10.0.0.2:1: a server cannot be reached; it will be tried again",
    "api:1: a server cannot be reached; it will be tried again",
    "api:1: the name of servers can be looked up again",
  ]);
});
