import { afterAll, beforeAll } from "vitest";
import type { RecentMessages } from "../../../services/message/recent-messages.ts";
import { type RealServerOf, startServer } from "../../servers/real-server.ts";
import { describeRecentMessages } from "./recent-messages-contract.ts";
import { RedisRecentsScene } from "./redis-recents-scene.ts";

let server: RealServerOf<"redis">;
const scenes: RedisRecentsScene[] = [];
beforeAll(async () => {
  server = await startServer("redis");
});
afterAll(async () => {
  for (const scene of scenes) scene.close();
  await server.stop();
});

async function openScene(options: { maxBytes?: number } = {}): Promise<RedisRecentsScene> {
  const scene = await RedisRecentsScene.open(server.url, options);
  scenes.push(scene);
  return scene;
}

describeRecentMessages("in Redis", async () => {
  const scene = await openScene();
  const recents: RecentMessages = {
    read: (chat, query) => scene.recents.read(chat, query),
    change: (changes) => scene.recents.change(changes),
    add: async (batches, sequence, epoch) => {
      for (const { chat, messages } of batches) await scene.number(chat, messages.at(-1)!.number);
      return scene.recents.add(batches, sequence, epoch);
    },
  };
  return { recents, epoch: scene.epoch };
});
