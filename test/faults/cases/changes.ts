import { setTimeout as delay } from "node:timers/promises";
import { SERVER_KINDS } from "../../servers/server-profiles.ts";
import { childOf } from "../history/resource.ts";
import { remove } from "../load/calls.ts";
import { type Stack, startStack } from "../stack/stack.ts";
import type { FaultCase, Trial } from "../trial/fault-case.ts";

const APPLICATIONS = 3;
const CHATS = 2;
const LIFE_MS = 1_000;
const STOPPED_MS = 5_000;

/** Makes an application with chats, which callers take up, and deletes it while they write there. */
async function passThrough({ installation, connections, targets, creates, recorder }: Trial): Promise<void> {
  const admin = connections[0]!.services(installation.adminKey);
  const { name, apiKey } = await admin.applications.createApplication({ application: { displayName: "Passing" } });
  targets.keys.set(name, apiKey);
  const made = Array.from({ length: CHATS }, () => creates.want(name, 1, crypto.randomUUID()));
  const chats = await Promise.all(made.map((wanted) => creates.attempt(connections[0]!, wanted)));
  await delay(LIFE_MS);
  const deletion = remove(recorder, admin, name);
  for (const { numbers } of chats) if (numbers[0] !== undefined) targets.dropChat(childOf(name, numbers[0]));
  await deletion;
}

export const CHANGE_CASES: readonly FaultCase<Stack>[] = [
  {
    name: "deletions",
    about: "Chats and applications are created and deleted under load, while the writer is killed.",
    needs: SERVER_KINDS,
    start: startStack,
    load: { mix: { createChat: 2, deleteChat: 1 } },
    async fault(trial) {
      const { writer } = trial.installation.processes;
      const passing = Promise.all(Array.from({ length: APPLICATIONS }, () => passThrough(trial)));
      await delay(trial.random.below(LIFE_MS));
      await writer!.kill();
      await writer!.start();
      await passing;
    },
  },
  {
    name: "early-edits",
    about: "Messages are edited and deleted before they are in the database, since the writer stands still.",
    needs: SERVER_KINDS,
    start: startStack,
    load: { mix: { create: 6, edit: 10, delete: 4, get: 6, list: 2 } },
    async fault({ installation, pace, random }) {
      const { writer } = installation.processes;
      writer!.pause();
      await delay(pace.scale(STOPPED_MS) + random.below(500));
      writer!.resume();
    },
  },
];
