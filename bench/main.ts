import { parseArgs } from "node:util";
import { ServerSet } from "../test/faults/stack/server-set.ts";
import type { Pace } from "./bench-case.ts";
import { BENCH_CASES } from "./cases/index.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "5" },
    rounds: { type: "string", default: "5" },
    smoke: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const pace: Pace = values.smoke
  ? { seconds: 0.5, rounds: 1, scale: 0.01 }
  : { seconds: Number(values.seconds), rounds: Number(values.rounds), scale: 1 };
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));
const servers = new ServerSet();
try {
  for (const each of BENCH_CASES.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
    process.stderr.write(`${each.name}: ${each.about}\n`);
    const result = await each.run({ pace, servers, tell: (line) => process.stderr.write(`${line}\n`) });
    if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  }
} finally {
  await servers.close();
}
