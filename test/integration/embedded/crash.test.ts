import { afterAll, beforeAll, expect, test } from "vitest";
import { type Message, ListMessagesRequest_Order as Order } from "../../../gen/parley/v1/message_pb.ts";
import { createDataDir, launchParley, type ParleyProcess, startParleyProcess } from "../../parley-process.ts";
import { openTransports, type Transports } from "../../protocols.ts";
import { createSeededRandom } from "../../seeded-random.ts";
import { createTenant, type Services, servicesOf } from "../../tenant.ts";
import { callUntilGone, type Load, sendCreate } from "./crash-load.ts";
import { Ledger } from "./ledger.ts";

const KILLS = 20;
const CALLERS = 24;
const CHATS = 3;
/** Every so many kills the next start is killed too. */
const KILL_START_EVERY = 4;

const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const random = createSeededRandom(seed);

let dataDir: Awaited<ReturnType<typeof createDataDir>>;
let parley: ParleyProcess;
let transports: Transports;
let callers: Services[];
let load: Load;
let key: string;

async function start(): Promise<void> {
  parley = await startParleyProcess(dataDir.path);
  transports = openTransports(parley);
}

beforeAll(async () => {
  process.stdout.write(`CRASH_SEED=${seed}\n`);
  dataDir = await createDataDir();
  await start();
  const tenant = await createTenant(transports.grpc, parley.adminKey);
  const chats: string[] = [];
  for (let chat = 0; chat < CHATS; chat++)
    chats.push((await tenant.chats.createChat({ parent: tenant.name, chat: {} })).name);
  key = tenant.key;
  load = { chats, ledger: new Ledger(), random, busy: new Set() };
  connect();
});

afterAll(async () => {
  transports.close();
  await parley.end("SIGKILL");
  await dataDir.remove();
});

function connect(): void {
  const [grpc, rest] = [servicesOf(transports.grpc, key), servicesOf(transports.rest, key)];
  callers = Array.from({ length: CALLERS }, (_, index) => (index % 2 === 0 ? grpc : rest));
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Starts a process and kills it at a random moment of its start. */
async function killStart(): Promise<void> {
  const { child, ended } = launchParley(dataDir.path);
  await Promise.race([after(random.below(600)), ended]);
  child.kill("SIGKILL");
  await ended;
}

async function readAll({ messages }: Services, chat: string): Promise<Message[]> {
  const found: Message[] = [];
  let pageToken = "";
  do {
    const page = await messages.listMessages({ parent: chat, pageSize: 500, order: Order.OLDEST_FIRST, pageToken });
    found.push(...page.messages);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return found;
}

async function checkAll(): Promise<void> {
  for (const chat of load.chats) load.ledger.check(chat, await readAll(callers[0]!, chat));
}

/** Repeats what was lost, and some of what was answered: the answer is the same as before, or the first. */
async function retry(): Promise<void> {
  for (const lost of load.ledger.retries()) {
    const made = await sendCreate(random.pick(callers), lost);
    load.ledger.created(lost, made!);
  }
  const repeatable = load.ledger.repeatable();
  for (const { create, names } of Array.from({ length: 10 }, () => random.pick(repeatable)).filter(Boolean)) {
    const again = await sendCreate(random.pick(callers), create);
    expect(again?.map(({ name }) => name)).toEqual(names);
  }
}

test(`after each of ${KILLS} kills everything that was answered is there, once, and nothing twice`, async () => {
  for (let kill = 1; kill <= KILLS; kill++) {
    const calls = Promise.all(callers.map((caller) => callUntilGone(caller, load)));
    await Promise.race([after(20 + random.below(700)), calls]);
    const [code] = await Promise.all([parley.end("SIGKILL"), calls]);
    expect(code, "killed, not ended by itself").toBeNull();
    transports.close();
    if (kill % KILL_START_EVERY === 0) await killStart();
    await start();
    connect();
    await checkAll();
    await retry();
    await checkAll();
  }
  process.stdout.write(`${load.ledger.size} messages survived ${KILLS} kills\n`);
  expect(load.ledger.size).toBeGreaterThan(KILLS * CALLERS);
});
