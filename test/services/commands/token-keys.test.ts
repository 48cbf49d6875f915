import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { runTokenKeys } from "../../../services/commands/token-keys.ts";
import { openStores } from "../../../services/embedded/stores.ts";
import { readSettings } from "../../../services/settings/settings.ts";
import { SigningKeyStore } from "../../../services/token/signing-key-store.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const SECRET = "a-secret-of-the-operator-0123456789";
const START_MS = Date.UTC(2026, 0, 2);
const MINUTE_MS = 60_000;

let environment: Record<string, string>;
/** A key that signs since the start. */
let first: string;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: START_MS });
  environment = { DATA_DIR: await temporaryFolder(), TOKEN_SECRET: SECRET };
  await using opened = new AsyncDisposableStack();
  const { database } = await openStores(readSettings(environment), pino({ level: "silent" }), opened);
  first = (await new SigningKeyStore(database, SECRET).add(START_MS)).id;
});
afterEach(() => void vi.useRealTimers());

async function run(...parameters: string[]) {
  const printed: string[] = [];
  const complained: string[] = [];
  const code = await runTokenKeys(parameters, environment, {
    print: (text) => printed.push(text),
    complain: (text) => complained.push(text),
  });
  return { code, stdout: printed.join(""), stderr: complained.join("") };
}

const list = async () => JSON.parse((await run("list", "--json")).stdout) as { id: string; state: string }[];
const states = async () => (await list()).map(({ id, state }) => [id, state]);

describe("token keys", () => {
  test("are listed", async () => {
    expect(await run("list")).toEqual({
      code: 0,
      stdout: `${first}  signs     signs from 2026-01-02T00:00:00.000Z\n`,
      stderr: "",
    });
  });

  test("are rotated with an overlap: the new key signs after its lead, the old one is accepted beyond", async () => {
    const made = JSON.parse((await run("rotate", "--json")).stdout);
    expect(made).toMatchObject({ state: "next", signTime: "2026-01-02T00:05:00.000Z", expireTime: null });
    expect(await states()).toEqual([
      [made.id, "next"],
      [first, "signs"],
    ]);
    vi.setSystemTime(START_MS + 5 * MINUTE_MS);
    expect(await states()).toEqual([
      [made.id, "signs"],
      [first, "replaced"],
    ]);
    expect((await run("list")).stdout).toContain(
      `${first}  replaced  signs from 2026-01-02T00:00:00.000Z  accepted until `,
    );
    vi.setSystemTime(START_MS + 26 * MINUTE_MS);
    expect(await states()).toEqual([[made.id, "signs"]]);
  });

  test("are retired at once, with another one made in the place of the last", async () => {
    const { code, stdout } = await run("retire", first);
    expect(code).toBe(0);
    const [[id, state] = [], ...others] = await states();
    expect([id === first, state, others]).toEqual([false, "signs", []]);
    expect(stdout).toBe(`${first} is retired: its tokens end within a minute\n${id} signs from now on\n`);
  });

  test("that come next sign at once where the signer is retired", async () => {
    const made = JSON.parse((await run("rotate", "--json")).stdout);
    expect((await run("retire", first)).stdout).toContain(`${made.id} signs from now on`);
    expect(await states()).toEqual([[made.id, "signs"]]);
  });

  test("are not left with one that is to be over where the next is retired", async () => {
    const made = JSON.parse((await run("rotate", "--json")).stdout);
    await run("retire", made.id);
    const [[id, state] = []] = await states();
    expect([[first, made.id].includes(id!), state]).toEqual([false, "signs"]);
  });

  test("whose id begins as a flag does is retired, too", async () => {
    const id = `-${"a".repeat(42)}`;
    expect((await run("retire", id)).stderr).toContain(`there is no key ${id};`);
  });

  test("that there are not cannot be retired", async () => {
    const { code, stderr } = await run("retire", "unknown");
    expect([code, stderr]).toEqual([1, "The token keys: there is no key unknown; `list` tells which there are\n"]);
  });

  test("are not made in a folder that holds no server's data", async () => {
    environment.DATA_DIR = join(environment.DATA_DIR!, "missing");
    const { code, stderr } = await run("list");
    expect([code, stderr]).toEqual([1, expect.stringContaining("holds no parley.sqlite")]);
  });

  test("in MySQL need the secret of tokens", async () => {
    environment = { MYSQL_URL: "mysql://127.0.0.1/parley" };
    expect((await run("rotate")).stderr).toContain("TOKEN_SECRET is not set");
  });

  test.each([
    [["--help"], 0],
    [[], 2],
    [["retire"], 2],
    [["list", "x"], 2],
    [["list", "--wrong"], 2],
  ])("say how they are used: %j", async (parameters, exitCode) => {
    const { code, stdout, stderr } = await run(...parameters);
    expect(code).toBe(exitCode);
    expect(stdout + stderr).toContain("npm run token-keys -- rotate");
  });
});
