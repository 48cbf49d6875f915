import { defineConfig } from "vitest/config";

/** What a server may take to start, in milliseconds: Elasticsearch does where others are busy. */
const SERVER_START_MS = 180_000;

export default defineConfig({
  test: {
    globalSetup: "test/servers/shared/global-setup.ts",
    coverage: {
      provider: "v8",
      include: ["services/**/*.ts", "edge/**/*.ts"],
      exclude: ["test/**"],
      reporter: ["text-summary", "json-summary"],
      thresholds: { lines: 90 },
    },
    // One project after the other, by their order: with servers and processes of their own, each wants the machine for itself.
    projects: [
      {
        test: {
          name: "unit",
          sequence: { groupOrder: 0 },
          include: ["test/{services,edge,tools,docs,bench}/**/*.test.ts"],
          exclude: ["test/services/roles/**", "test/bench/cases/**"],
          testTimeout: 20_000,
          hookTimeout: SERVER_START_MS,
        },
      },
      {
        test: {
          name: "mysql",
          sequence: { groupOrder: 1 },
          include: [
            "test/services/{account,application,database,indexer,mail,message,scheduler,session,token,user,writer}/**/*.test.ts",
            "test/services/{facts,numbering}/sql-*.test.ts",
          ],
          exclude: ["test/services/message/redis-*"],
          env: { TEST_DATABASE: "mysql" },
          setupFiles: ["test/services/skip-without-database.ts"],
          testTimeout: 20_000,
          hookTimeout: SERVER_START_MS,
        },
      },
      {
        test: {
          name: "integration",
          sequence: { groupOrder: 2 },
          include: ["test/{integration,walkthrough,servers,deploy}/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: SERVER_START_MS,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "production",
          sequence: { groupOrder: 3 },
          include: ["test/integration/*.test.ts", "test/production/**/*.test.ts", "test/services/roles/**/*.test.ts"],
          env: { TEST_PARLEY: "production" },
          globalSetup: "test/production/shared/global-setup.ts",
          setupFiles: ["test/production/skip-without-servers.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          expect: { poll: { timeout: 20_000 } },
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "faults",
          sequence: { groupOrder: 4 },
          include: ["test/faults/**/*.test.ts"],
          testTimeout: 900_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "bench",
          sequence: { groupOrder: 5 },
          include: ["test/bench/cases/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
