import type { BenchReport } from "../../../bench/report/bench-report.ts";

/** A run with a goal that is met, one that is missed, a case without a yardstick, and one that failed. */
export const EXAMPLE: BenchReport = {
  date: "2026-11-30",
  machine: {
    ...{ processors: 2, processor: "Some Processor @ 3.00GHz", memoryBytes: 16 * 2 ** 30, node: "24.1.0" },
    servers: { mysql: "10.11.6-MariaDB", redis: "7.0.15", nats: "2.15.2", elasticsearch: "8.19.21" },
  },
  pace: { seconds: 5, rounds: 3 },
  cases: [
    {
      ...{ case: "create", about: "gRPC CreateMessage | 50 chats", yardstick: "a bare echo" },
      result: {
        ...{ case: "create", unit: "creates/s", ours: 12_345.6, yardstick: 20_000, ratio: 0.617 },
        spread: { ours: [11_900.2, 13_000], yardstick: [19_000, 21_000], ratio: [0.6, 0.64] },
        ...{ p50Ms: 12.34, p99Ms: 45.6, yardstickP50Ms: 8, yardstickP99Ms: 21.05 },
        cpuMicrosPerOp: { api: 55.2, writer: 14.96, mysql: 9.96, elasticsearch: 0.01 },
        yardstickCpuMicrosPerOp: { echo: 50.4 },
        figures: { lagMs: 320.4 },
      },
      goals: [
        { text: "ratio ≥ 0.70", isMet: false, measure: { figure: "ratio", value: 0.617, limit: 0.7 } },
        { text: "p99 ≤ 2 × the echo's", isMet: false, measure: { figure: "p99Ms", value: 45.6, limit: 42.1 } },
        { text: "writer lag < 1 s", isMet: true, measure: { figure: "lagMs", value: 320.4, limit: 1_000 } },
      ],
    },
    {
      ...{ case: "rest", about: "POST through the edge", yardstick: "Fastify <constant>" },
      result: {
        ...{ case: "rest", unit: "requests/s", ours: 20_000, yardstick: 50_000, ratio: 0.4 },
        spread: { ours: [20_000, 20_000], yardstick: [50_000, 50_000], ratio: [0.4, 0.4] },
        ...{ p50Ms: 0.75, p99Ms: 3.2, cpuMicrosPerOp: { "api-1": 30, "api-2": 31, edge: 42 } },
      },
      goals: [{ text: "ratio ≥ 0.30", isMet: true, measure: { figure: "ratio", value: 0.4, limit: 0.3 } }],
    },
    {
      ...{ case: "idle", about: "start and memory", yardstick: "none" },
      result: {
        ...{ case: "idle", unit: "ms to ready", ours: 640, spread: { ours: [610, 700] } },
        figures: { residentMb: 121.5 },
      },
      goals: [{ text: "ready < 1 s", isMet: true }],
    },
    {
      case: "search",
      about: "infix match",
      yardstick: "the bare query",
      error: "elasticsearch cannot be started here",
    },
  ],
};
