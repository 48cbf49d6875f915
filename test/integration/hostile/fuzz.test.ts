import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTenant } from "../../tenant.ts";
import { requestArbitrary, type Sent } from "./request-arbitrary.ts";
import { openScene, type Scene } from "./scene.ts";
import { verdictOf } from "./verdict.ts";

/** How long requests are made. FUZZ_SECONDS: default 20. */
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 20);

/** FUZZ_SEED: of a run to be repeated; default another each time. */
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);

/** Requests that are under way at the same time. */
const AT_ONCE = 16;

/** What no request may be answered with: a fault, or what an answer of a fault looks like. */
const FAULTS = /^(Internal|Unknown|DataLoss|Unavailable) /;
const PROPER = /^(OK|HTTP [2-4]\d\d|[A-Z][A-Za-z]+ ([A-Z_]+|-))$/;

let scene: Scene;

beforeAll(async () => {
  scene = await openScene();
});

afterAll(async () => {
  await scene.close();
});

function describeRequest({ way, request: { httpMethod, target, headers, body } }: Sent): string {
  return `${way} ${httpMethod} ${target} ${JSON.stringify(headers)} ${JSON.stringify(Buffer.from(body ?? "").toString("latin1"))}`;
}

async function expectProper(sent: Sent): Promise<void> {
  const verdict = await scene.caller
    .send(sent.way, sent.request)
    .then(verdictOf, (error: Error) => `no answer: ${error}`);
  if (PROPER.test(verdict) && !FAULTS.test(verdict)) return;
  throw new Error(`${verdict}\nto ${describeRequest(sent)}`);
}

test(
  `requests of every kind, for ${SECONDS} s, are no fault of the server`,
  async () => {
    process.stdout.write(`FUZZ_SEED=${SEED}\n`);
    const { applications } = scene.admin;
    const tenant = await createTenant(scene.transports.grpc, scene.parley.adminKey);
    for (const userId of ["ada", "grace"]) await tenant.users.createUser({ parent: tenant.name, userId, user: {} });
    const before = await scene.readState();
    const sent = requestArbitrary({ application: tenant.name, key: tenant.key });
    let requests = 0;
    const property = fc.asyncProperty(fc.array(sent, { minLength: 1, maxLength: AT_ONCE }), async (group) => {
      requests += group.length;
      await Promise.all(group.map(expectProper));
      scene.expectNoFault();
    });
    await fc.assert(property, {
      seed: SEED,
      numRuns: Number.MAX_SAFE_INTEGER,
      interruptAfterTimeLimit: SECONDS * 1_000,
      markInterruptAsFailure: false,
    });
    process.stdout.write(`${requests} requests\n`);
    expect(requests).toBeGreaterThan(SECONDS * 10);
    await applications.deleteApplication({ name: tenant.name, force: true });
    const after = Object.entries(before).filter(([name]) => !name.startsWith(tenant.name));
    expect(await scene.readState()).toEqual(Object.fromEntries(after));
  },
  (SECONDS + 100) * 1_000,
);
