import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { text } from "../../message-text.ts";
import type { NativeProcess } from "../../production/native-process.ts";
import { type Production, startProduction } from "../../production/production.ts";
import { openTransports, type Transports } from "../../protocols.ts";
import { describeOnAll } from "../../servers/shared-server.ts";
import { createTenant, type Tenant } from "../../tenant.ts";

const PATIENCE = { timeout: 60_000 };
const START_TIMEOUT_MS = 300_000;
/** A lease that lasts so long is kept on a machine that does much else. */
const SETTINGS = { LEASE_TTL: "5s", COUNT_INTERVAL: "100ms" };

/** How often a process took up the work of a role. */
async function termsOf({ plan }: NativeProcess, role: string): Promise<number> {
  return (await readFile(plan.logFile, "utf8")).split(`"this process is the ${role}"`).length - 1;
}

describeOnAll("of two processes of a role one is at work, and the other takes over when it is killed", (servers) => {
  let production: Production;
  let transports: Transports;
  let tenant: Tenant;

  beforeAll(async () => {
    production = await startProduction({ servers, environment: SETTINGS, counts: { api: 1, writer: 2, scheduler: 2 } });
    transports = openTransports(production);
    tenant = await createTenant(transports.grpc, production.adminKey);
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    transports.close();
    await production.close();
  });

  /** Kills the one of two that is at work; resolves when the other is. */
  async function killWorking(role: string): Promise<void> {
    const both = [1, 2].map((index) => production.processes[`${role}-${index}`]!);
    const terms = () => Promise.all(both.map((each) => termsOf(each, role)));
    await expect.poll(async () => (await terms()).toSorted(), PATIENCE).toEqual([0, 1]);
    const working = (await terms()).indexOf(1);
    await both[working]!.kill();
    await expect.poll(terms, PATIENCE).toEqual([1, 1]);
    await both[working]!.start();
    expect(await terms()).toEqual([1, 1]);
  }

  test("the writer: an edit is answered and stored after it", async () => {
    const { name: parent } = await tenant.chats.createChat({ parent: tenant.name, chat: {} });
    const { name } = await tenant.messages.createMessage({ parent, message: text("before") });
    await killWorking("writer");
    const edited = await tenant.messages.updateMessage({ message: { name, ...text("after") } });
    expect(await tenant.messages.getMessage({ name })).toEqual(edited);
  });

  test("the scheduler: counts follow after it", async () => {
    const { name: parent } = await tenant.chats.createChat({ parent: tenant.name, chat: {} });
    const count = async () => (await tenant.chats.getChat({ name: parent })).messagesCount;
    await tenant.messages.createMessage({ parent, message: text("before") });
    await expect.poll(count, PATIENCE).toBe(1);
    await killWorking("scheduler");
    await tenant.messages.createMessage({ parent, message: text("after") });
    await expect.poll(count, PATIENCE).toBe(2);
  });
});
