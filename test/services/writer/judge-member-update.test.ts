import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Chat_Kind } from "../../../gen/parley/v1/chat_pb.ts";
import { Member_Role } from "../../../gen/parley/v1/member_pb.ts";
import { SystemEvent_Type } from "../../../gen/parley/v1/message_pb.ts";
import { timestampFromMillis } from "../../../services/aip/timestamp.ts";
import { parseSystemEvent } from "../../../services/message/stored-system-event.ts";
import { JUDGED_MS, LATER, MembersScene, update } from "./members-scene.ts";

const { MEMBER, ADMIN, OWNER } = Member_Role;
const { SUPPORT } = Chat_Kind;
const EVEN_LATER = timestampFromMillis(JUDGED_MS + 120_000);

let scene: MembersScene;
beforeAll(async () => {
  scene = await MembersScene.open();
});
afterAll(() => scene.close());

describe("a mute or ban", () => {
  test("is set, told of with its end, and lifted", async () => {
    const chat = await scene.createChat(["bob"]);
    const [verdict] = await scene.writer.apply(update(chat, 1, "bob", { muteExpireTime: LATER }, { actor: "ada" }));
    expect(verdict!.outcome.value).toMatchObject({ members: [{ user: "bob", muteExpireTime: LATER }] });
    expect(await scene.outcomes(update(chat, 2, "bob", { banExpireTime: LATER }))).toEqual([2]);
    expect(await scene.outcomes(update(chat, 3, "bob", { unset: ["ban_expire_time"] }))).toEqual([3]);
    expect(await scene.outcomes(update(chat, 4, "bob", { unset: ["mute_expire_time"] }))).toEqual([4]);
    const events = await Promise.all(
      [1, 2, 3, 4].map(async (number) => (await scene.writer.findMessage(chat, number))!.systemEvent!),
    );
    expect(events.map(parseSystemEvent)).toMatchObject([
      { type: SystemEvent_Type.MUTED, users: ["bob"], expireTime: LATER },
      { type: SystemEvent_Type.BANNED, expireTime: LATER },
      { type: SystemEvent_Type.UNBANNED, users: ["bob"] },
      { type: SystemEvent_Type.UNMUTED, users: ["bob"] },
    ]);
    for (const lifted of events.slice(2)) expect(parseSystemEvent(lifted).expireTime).toBeUndefined();
    const row = await scene.findMember(chat, "bob");
    expect(row).toMatchObject({ muteExpireTime: null, banExpireTime: null });
  });

  test("of the past is none, and what is so already is not told of", async () => {
    const chat = await scene.createChat(["bob"]);
    const past = timestampFromMillis(1);
    expect(
      await scene.outcomes(
        update(chat, 1, "bob", { muteExpireTime: past }),
        update(chat, 2, "bob", { role: MEMBER }),
        update(chat, 3, "bob", {}),
      ),
    ).toEqual(["unchanged", "unchanged", "unchanged"]);
  });

  test("is the customer's in a support session, by the backend", async () => {
    const chat = await scene.createChat([], SUPPORT);
    expect(
      await scene.outcomes(
        update(chat, 1, "ada", { banExpireTime: LATER }),
        update(chat, 2, "bob", { banExpireTime: LATER }),
        update(chat, 3, "ada", { role: ADMIN }),
      ),
    ).toEqual([1, "KIND_MISMATCH", "KIND_MISMATCH"]);
  });
});

test("a change of role is told of with the role; of several changes the gravest", async () => {
  const chat = await scene.createChat(["bob"]);
  const changes = [
    { role: ADMIN },
    { role: OWNER, muteExpireTime: LATER },
    { muteExpireTime: LATER, banExpireTime: LATER },
    { muteExpireTime: EVEN_LATER, unset: ["ban_expire_time"] },
    { role: ADMIN, unset: ["mute_expire_time"] },
  ];
  const writes = changes.map((fields, index) => update(chat, index + 1, "bob", fields, { actor: "ada" }));
  expect(await scene.outcomes(...writes)).toEqual([1, 2, 3, 4, 5]);
  const told = [1, 2, 3, 4, 5].map(async (number) => (await scene.writer.findMessage(chat, number))!.systemEvent!);
  expect((await Promise.all(told)).map(parseSystemEvent)).toMatchObject([
    { type: SystemEvent_Type.ROLE_CHANGED, role: ADMIN, users: ["bob"], actor: "ada" },
    { type: SystemEvent_Type.MUTED, role: Member_Role.UNSPECIFIED },
    { type: SystemEvent_Type.BANNED, expireTime: LATER },
    { type: SystemEvent_Type.MUTED, expireTime: EVEN_LATER },
    { type: SystemEvent_Type.UNMUTED, users: ["bob"] },
  ]);
  expect(await scene.findMember(chat, "bob")).toMatchObject({ role: ADMIN, muteExpireTime: null });
});
