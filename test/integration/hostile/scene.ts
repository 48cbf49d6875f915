import { expect } from "vitest";
import { openMailbox } from "../../mailbox.ts";
import { text } from "../../message-text.ts";
import { createDataDir, logLines, type ParleyProcess, startParleyProcess } from "../../parley-process.ts";
import { openTransports, type Transports } from "../../protocols.ts";
import { readState } from "../../stored-state.ts";
import { createTenant, type Services, servicesOf, type Tenant } from "../../tenant.ts";
import { type Names, namesIn } from "../rpc-case.ts";
import { openWireCaller, type WireCaller } from "./wire-caller.ts";

/** A Parley of its own with something to lose: two applications, each with chats and messages. */
export type Scene = {
  parley: ParleyProcess;
  caller: WireCaller;
  transports: Transports;
  admin: Services;
  tenant: Tenant;
  other: Tenant;
  /** What a request speaks of: the tenant, its first chat, and the first message there. */
  names: Names;
  /** Everything that is stored: each resource's JSON by its name. */
  readState(): Promise<Record<string, string>>;
  /** Fails where the process has ended, or has logged an error. */
  expectNoFault(): void;
  close(): Promise<void>;
};

/** Requests above it are refused; well above the longest body of a message. */
export const REQUEST_MAX_BYTES = 65_536;

/** In each application, and in each chat. */
export const CHATS = 2;
export const MESSAGES = 3;

/** Counts are not brought up to date meanwhile, so that the state is still. */
const STILL = { REQUEST_MAX_BYTES: String(REQUEST_MAX_BYTES), COUNT_INTERVAL: "30m", LOG_LEVEL: "warn" };
/** All calls come from one address. */
const UNLIMITED = { ADDRESS_CALLS_PER_MINUTE: "0", LOGIN_ATTEMPTS: "0", LOGIN_ATTEMPTS_PER_ADDRESS: "0" };

export async function openScene(environment: Record<string, string> = {}, command?: readonly string[]): Promise<Scene> {
  const dataDir = await createDataDir();
  const mailbox = await openMailbox();
  const settings = { ...STILL, ...UNLIMITED, ...mailbox.settings, ...environment };
  const parley = await startParleyProcess(dataDir.path, settings, command);
  const transports = openTransports(parley);
  const caller = openWireCaller(parley);
  const admin = servicesOf(transports.grpc, parley.adminKey);
  const tenant = await furnish(await createTenant(transports.grpc, parley.adminKey));
  const other = await furnish(await createTenant(transports.grpc, parley.adminKey));
  return {
    ...{ parley, caller, transports, admin, tenant, other, names: namesIn(tenant.name) },
    readState: () => readState(admin),
    expectNoFault() {
      expect(parley.child.exitCode, parley.output.stderr).toBeNull();
      expect(logLines(parley.output).filter(({ level }) => level !== "info" && level !== "debug")).toEqual([]);
    },
    async close() {
      caller.close();
      transports.close();
      expect(await parley.end("SIGTERM")).toBe(0);
      await mailbox.close();
      await dataDir.remove();
    },
  };
}

async function furnish(tenant: Tenant): Promise<Tenant> {
  await tenant.users.createUser({ parent: tenant.name, userId: "ada", user: { displayName: "Ada" } });
  for (let chat = 1; chat <= CHATS; chat++) {
    const { name: parent } = await tenant.chats.createChat({ parent: tenant.name, chat: { title: `chat ${chat}` } });
    for (let number = 1; number <= MESSAGES; number++) {
      await tenant.messages.createMessage({ parent, message: text(`message ${number}`) });
    }
  }
  return tenant;
}
