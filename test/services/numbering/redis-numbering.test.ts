import { afterAll, beforeAll } from "vitest";
import type { ChatName } from "../../../services/aip/resource-name.ts";
import type { CounterName } from "../../../services/numbering/numbering.ts";
import { type RealServerOf, startServer } from "../../servers/real-server.ts";
import { type RedisProcess, startRedisProcess } from "../redis/redis-process.ts";
import { describeNumbering } from "./numbering-contract.ts";

const ofChat = (chat: ChatName) => ({ kind: "chatDeleted", chat }) as const;
const ofApplication = (application: string) => ({ kind: "applicationDeleted", application }) as const;

let server: RealServerOf<"redis">;
const processes: RedisProcess[] = [];
beforeAll(async () => {
  server = await startServer("redis");
});
afterAll(async () => {
  for (const { redis } of processes) redis.disconnect();
  await server.stop();
});

describeNumbering("in Redis", async (stores) => {
  const process = await startRedisProcess(server.url, stores);
  processes.push(process);
  // The writer tells of a deletion with the recent messages.
  const remove = ({ application, chat }: CounterName) => {
    const deleted = {
      sequence: 1,
      ...(chat === undefined ? ofApplication(application) : ofChat({ application, chat })),
    };
    return process.recents.change([deleted]);
  };
  return Object.assign(process.numbering, { remove });
});
