import { afterAll, expect, test } from "vitest";
import { FAULT_CASES } from "./cases/index.ts";
import { ServerSet } from "./stack/server-set.ts";
import { describeTrial, runCase } from "./trial/case-report.ts";
import { findMissingNeed } from "./trial/missing-needs.ts";
import { SHORT } from "./trial/pace.ts";

const seed = Number(process.env.FAULTS_SEED ?? Date.now() % 1_000_000);
const servers = new ServerSet();

afterAll(() => servers.close());

test.for(FAULT_CASES.map((each) => [each.name, each] as const))("%s", async ([, faultCase], { skip }) => {
  const missing = await findMissingNeed(faultCase, servers);
  skip(missing !== undefined && process.env.CI !== "true", missing);
  expect(missing).toBeUndefined();
  const told: string[] = [];
  const onTrial = (...trial: Parameters<typeof describeTrial>) => told.push(describeTrial(...trial));
  const { report, isFine } = await runCase(faultCase, { runs: 1, seed, pace: SHORT, servers, onTrial });
  process.stdout.write(`FAULTS_SEED=${seed} ${JSON.stringify(report)}\n`);
  expect(isFine, told.join("\n")).toBe(true);
});
