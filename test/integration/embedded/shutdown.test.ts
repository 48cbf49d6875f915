import { expect, test } from "vitest";
import { isServerGone } from "../../failure.ts";
import { listBodies } from "../../listed-bodies.ts";
import { text } from "../../message-text.ts";
import { createDataDir, startParleyProcess } from "../../parley-process.ts";
import { openTransports, PROTOCOLS } from "../../protocols.ts";
import { createTenant, type Services, servicesOf } from "../../tenant.ts";

const CALLERS = 32;
const ANSWERED_BEFORE = 500;

test("SIGTERM under load: what was stored was answered, what came after was refused, and it ends with 0", async () => {
  const dataDir = await createDataDir();
  const parley = await startParleyProcess(dataDir.path);
  const transports = openTransports(parley);
  const tenant = await createTenant(transports.grpc, parley.adminKey);
  const chat = (await tenant.chats.createChat({ parent: tenant.name, chat: {} })).name;
  const answered = new Map<number, string>();
  const enough = Promise.withResolvers<void>();

  const callUntilRefused = async ({ messages }: Services, caller: number) => {
    for (let index = 0; ; index++) {
      const body = `${caller}/${index}`;
      try {
        const { number } = await messages.createMessage({ parent: chat, message: text(body) });
        answered.set(number, body);
        if (answered.size === ANSWERED_BEFORE) enough.resolve();
      } catch (error) {
        if (!isServerGone(error)) throw error;
        return;
      }
    }
  };
  const calls = Array.from({ length: CALLERS }, (_, caller) =>
    callUntilRefused(servicesOf(transports[PROTOCOLS[caller % PROTOCOLS.length]!], tenant.key), caller),
  );
  await enough.promise;
  const start = performance.now();
  const [code] = await Promise.all([parley.end("SIGTERM"), ...calls]);
  process.stdout.write(`ended ${Math.round(performance.now() - start)} ms after SIGTERM\n`);
  transports.close();
  expect(code).toBe(0);
  expect(performance.now() - start).toBeLessThan(15_000);

  const again = await startParleyProcess(dataDir.path);
  const reopened = openTransports(again);
  const stored = await listBodies(servicesOf(reopened.grpc, tenant.key), chat);
  expect(new Map([...stored].sort())).toEqual(new Map([...answered].sort()));
  reopened.close();
  await again.end("SIGKILL");
  await dataDir.remove();
});
