import { afterAll } from "vitest";
import type { CounterName } from "../../../services/numbering/numbering.ts";
import { describeOn } from "../../servers/shared-server.ts";
import { type RedisProcess, startRedisProcess } from "../redis/redis-process.ts";
import { describeNumbering } from "./numbering-contract.ts";

describeOn("redis", "redis", (server) => {
  const processes: RedisProcess[] = [];
  afterAll(() => {
    for (const { redis } of processes) redis.disconnect();
  });

  describeNumbering("in Redis", async (stores) => {
    const process = await startRedisProcess(server.url, stores);
    processes.push(process);
    // The writer tells of a deletion with the recent messages.
    const remove = async ({ application, chat }: CounterName) => {
      if (chat === undefined) await process.recents.change([{ kind: "applicationDeleted", sequence: 1, application }]);
      else await process.recents.change([{ kind: "chatDeleted", sequence: 1, chat: { application, chat } }]);
    };
    return Object.assign(process.numbering, { remove });
  });
});
