import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Write } from "../../../gen/parley/queue/v1/record_pb.ts";
import { Member_Role } from "../../../gen/parley/v1/member_pb.ts";
import { type ChatName, formatUserName } from "../../../services/aip/resource-name.ts";
import { mutationWrite } from "../writes.ts";
import { add, LATER, MembersScene, outcomeOf, remove, update } from "./members-scene.ts";

const { MEMBER, OWNER } = Member_Role;

let scene: MembersScene;
beforeAll(async () => {
  scene = await MembersScene.open();
});
afterAll(() => scene.close());

const user = fc.constantFrom("ada", "bob", "cid", "dan");
const actor = fc.constantFrom("", "ada", "bob", "cid", "dan");
const role = fc.constantFrom(...([1, 2, 3] as Member_Role[]));

const step = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), actor, users: fc.array(user, { minLength: 1, maxLength: 3 }), role }),
  fc.record({ kind: fc.constant("remove" as const), actor, user }),
  fc.record({ kind: fc.constant("role" as const), actor, user, role }),
  fc.record({ kind: fc.constant("ban" as const), actor, user, isLifted: fc.boolean() }),
  fc.record({ kind: fc.constant("erase" as const), user }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

function writeOf(chat: ChatName, number: number, step: Step): Write {
  switch (step.kind) {
    case "add":
      return add(chat, number, step.users, { role: step.role, max: 3, actor: step.actor });
    case "remove":
      return remove(chat, number, step.user, step);
    case "role":
      return update(chat, number, step.user, { role: step.role }, step);
    case "ban":
      return update(
        chat,
        number,
        step.user,
        step.isLifted ? { unset: ["ban_expire_time"] } : { banExpireTime: LATER },
        step,
      );
    case "erase": {
      const name = formatUserName({ application: chat.application, user: step.user });
      return mutationWrite({ case: "eraseUser", value: { $typeName: "parley.queue.v1.EraseUser", name } });
    }
  }
}

/** What became of a group, and of each step. */
async function stateOf(chat: ChatName, outcomes: readonly (number | string)[]) {
  return { roles: await scene.roles(chat), count: await scene.membersCount(chat), outcomes };
}

test("however changes of members fall into batches, they come to the same, and a group with members has an owner", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const [together, alone] = [await scene.createChat(["bob"]), await scene.createChat(["bob"])];
      const writes = (chat: ChatName) => steps.map((each, index) => writeOf(chat, index + 1, each));
      const verdicts = await scene.writer.apply(...writes(together));
      const state = await stateOf(together, verdicts.map(outcomeOf));
      const outcomes: (number | string)[] = [];
      for (const write of writes(alone)) {
        outcomes.push(...(await scene.outcomes(write)));
        const { roles, count } = await stateOf(alone, []);
        expect(count).toBe(Object.keys(roles).length);
        if (count > 0) expect(Object.values(roles)).toContain(OWNER);
      }
      expect(await stateOf(alone, outcomes)).toEqual(state);
      const told = outcomes.filter((outcome) => typeof outcome === "number");
      expect(await scene.writer.numbers(alone)).toEqual(told);
    }),
    {
      numRuns: 15,
      examples: [
        [
          [
            { kind: "add", actor: "ada", users: ["cid"], role: MEMBER },
            { kind: "erase", user: "ada" },
          ],
        ],
      ],
    },
  );
}, 60_000);
