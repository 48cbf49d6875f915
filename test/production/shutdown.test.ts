import { afterAll, beforeAll, expect, test } from "vitest";
import { isServerGone } from "../failure.ts";
import { listBodies } from "../listed-bodies.ts";
import { text } from "../message-text.ts";
import { openTransports, PROTOCOLS, type Transports } from "../protocols.ts";
import { describeOnAll } from "../servers/shared-server.ts";
import { createTenant, type Services, servicesOf, type Tenant } from "../tenant.ts";
import { type Production, startProduction } from "./production.ts";

const ROLES = ["api-1", "edge", "writer", "indexer", "scheduler"];
const CALLERS = 16;
/** How many creates are answered before the signal, and again after the start that follows. */
const ANSWERS = 100;

/** Callers by every protocol that create messages in a chat, again and again. */
class Callers {
  /** The bodies of what was answered, by number. */
  readonly answered = new Map<number, string>();
  readonly #chat: string;
  readonly #calls: Promise<unknown>;
  #stopped = false;

  constructor(transports: Transports, { key }: Tenant, chat: string) {
    this.#chat = chat;
    const callers = Array.from({ length: CALLERS }, (_, caller) => transports[PROTOCOLS[caller % PROTOCOLS.length]!]);
    this.#calls = Promise.all(callers.map((each, caller) => this.#call(servicesOf(each, key), caller)));
  }

  /** Resolves when so many more were answered. */
  async moreAnswers(count: number): Promise<void> {
    const enough = this.answered.size + count;
    await expect.poll(() => this.answered.size, { timeout: 60_000 }).toBeGreaterThanOrEqual(enough);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#calls;
  }

  async #call({ messages }: Services, caller: number): Promise<void> {
    for (let index = 0; !this.#stopped; index++) {
      const body = `${caller}/${index}`;
      try {
        const { number } = await messages.createMessage({ parent: this.#chat, message: text(body) });
        this.answered.set(number, body);
      } catch (error) {
        if (!isServerGone(error)) throw error;
      }
    }
  }
}

describeOnAll("under load", (servers) => {
  let production: Production;
  let transports: Transports;
  let tenant: Tenant;

  beforeAll(async () => {
    production = await startProduction({ servers });
    transports = openTransports(production);
    tenant = await createTenant(transports.grpc, production.adminKey);
  });

  afterAll(async () => {
    transports.close();
    await production.close();
  });

  test.each(ROLES)(
    "SIGTERM to %s: it ends with 0, what was stored was answered, and what was answered is stored",
    async (name) => {
      const chat = (await tenant.chats.createChat({ parent: tenant.name, chat: {} })).name;
      const callers = new Callers(transports, tenant, chat);
      await callers.moreAnswers(ANSWERS);
      const role = production.processes[name]!;
      const start = performance.now();
      expect(await role.kill("SIGTERM")).toBe(0);
      process.stdout.write(`${name} ended ${Math.round(performance.now() - start)} ms after SIGTERM\n`);
      await callers.moreAnswers(ANSWERS);
      await role.start();
      await callers.moreAnswers(ANSWERS);
      await callers.stop();
      expect(new Map([...(await listBodies(tenant, chat))].sort())).toEqual(new Map([...callers.answered].sort()));
    },
  );
});
