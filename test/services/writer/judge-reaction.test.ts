import { create } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Applied, ChangeReactionSchema, Refusal_Reason } from "../../../gen/parley/queue/v1/record_pb.ts";
import type { ChatName } from "../../../services/aip/resource-name.ts";
import { formatReactions } from "../../../services/message/stored-reactions.ts";
import { deleteChatWrite, deleteMessageWrite, messageWrite, mutationWrite } from "../writes.ts";
import { messageNameOf, nameOf, WriterScene } from "./writer-scene.ts";

const { NOT_FOUND, MESSAGE_DELETED, KIND_MISMATCH, FULL } = Refusal_Reason;

let scene: WriterScene;
beforeAll(async () => {
  scene = await WriterScene.open();
});
afterAll(() => scene.close());

/** A chat with one message. */
async function createMessage(): Promise<ChatName> {
  const chat = await scene.createChat();
  await scene.apply(messageWrite(chat, 1));
  return chat;
}

function reactionWrite(chat: ChatName, user: string, emoji: string, { remove = false, id = "" } = {}) {
  const value = create(ChangeReactionSchema, { name: messageNameOf(chat, 1), user, emoji, remove });
  return mutationWrite({ case: "changeReaction", value }, id === "" ? {} : { id });
}

/** The reactions that a verdict tells, as `emoji: users`, or the reason of its refusal. */
function toldBy({ outcome }: Applied): unknown {
  if (outcome.case === "refusal") return outcome.value.reason;
  if (outcome.case !== "message") throw new Error(`${outcome.case} is no verdict on a reaction`);
  return outcome.value.reactions.map(({ emoji, users }) => `${emoji}: ${users.join()}`);
}

const told = async (...writes: ReturnType<typeof reactionWrite>[]) => (await scene.apply(...writes)).map(toldBy);

describe("a reaction", () => {
  test("comes once a user and emoji, and they stand in the order in which they came", async () => {
    const chat = await createMessage();
    expect(
      await told(
        reactionWrite(chat, "ann", "👍"),
        reactionWrite(chat, "ann", "🎉"),
        reactionWrite(chat, "bob", "👍"),
        reactionWrite(chat, "ann", "👍"),
      ),
    ).toEqual([["👍: ann"], ["👍: ann", "🎉: ann"], ["👍: ann,bob", "🎉: ann"], ["👍: ann,bob", "🎉: ann"]]);
    expect(await scene.findMessage(chat, 1)).toMatchObject({ revision: 4, editTime: null });
  });

  test("goes, and its emoji with the last; one that is not there is no error", async () => {
    const chat = await createMessage();
    await told(reactionWrite(chat, "ann", "👍"), reactionWrite(chat, "bob", "👍"));
    const remove = (user: string, emoji = "👍") => reactionWrite(chat, user, emoji, { remove: true });
    const revision = (await scene.findMessage(chat, 1))!.revision;
    expect(await told(remove("cid"), remove("ann", "🎉"))).toEqual([["👍: ann,bob"], ["👍: ann,bob"]]);
    expect(await scene.findMessage(chat, 1)).toMatchObject({ revision });
    expect(await told(remove("ann"), remove("bob"))).toEqual([["👍: bob"], []]);
    expect(await scene.findMessage(chat, 1)).toMatchObject({ reactions: null });
  });

  test("is judged once where its record comes again", async () => {
    const chat = await createMessage();
    const id = crypto.randomUUID();
    const twin = () => reactionWrite(chat, "ann", "👍", { id });
    await told(twin());
    expect(await told(reactionWrite(chat, "ann", "👍", { remove: true }), twin())).toEqual([[]]);
  });

  test("is seen in the recent messages before the verdict is told", async () => {
    const chat = await createMessage();
    await told(reactionWrite(chat, "ann", "👍"));
    const held = await scene.recent(chat);
    for (const { reactions } of held ?? []) expect(reactions.map(({ emoji }) => emoji)).toEqual(["👍"]);
  });
});

describe("a reaction is refused", () => {
  test("to what does not exist, and to tombstones, which have none", async () => {
    const chat = await createMessage();
    const other = { ...chat, chat: 2 };
    expect(await told(reactionWrite(other, "ann", "👍"))).toEqual([NOT_FOUND]);
    await told(reactionWrite(chat, "ann", "👍"));
    const [deleted] = await scene.apply(deleteMessageWrite(messageNameOf(chat, 1)));
    expect(toldBy(deleted!)).toEqual([]);
    expect(await told(reactionWrite(chat, "ann", "👍"))).toEqual([MESSAGE_DELETED]);
    await scene.apply(deleteChatWrite(nameOf(chat), { force: true }));
    expect(await told(reactionWrite(chat, "ann", "👍"))).toEqual([NOT_FOUND]);
  });

  test("to what the system wrote", async () => {
    const chat = await createMessage();
    const where = { ...chat, number: 1 } as const;
    const { messages } = scene.stores.database;
    await messages.update({ body: null, systemEvent: '{"type":"TYPE_MEMBERS_LEFT"}' }, { where });
    expect(await told(reactionWrite(chat, "ann", "👍"))).toEqual([KIND_MISMATCH]);
  });

  test.each<[what: string, emoji: number, users: number]>([
    ["a 51st emoji", 50, 1],
    ["a 1,001st reaction", 1, 1_000],
  ])("as %s, and taken where another goes", async (_what, emoji, users) => {
    const chat = await createMessage();
    const full = Array.from({ length: emoji }, (_, index): [string, string[]] => [
      `e${index}`,
      Array.from({ length: users }, (_, user) => `u${user}`),
    ]);
    const where = { application: chat.application, chat: chat.chat, number: 1 };
    await scene.stores.database.messages.update({ reactions: formatReactions(full) }, { where });
    expect(await told(reactionWrite(chat, "ann", "new"))).toEqual([FULL]);
    await told(reactionWrite(chat, "u0", "e0", { remove: true }));
    const [after] = await told(reactionWrite(chat, "ann", "new"));
    expect(after).toContain("new: ann");
  });
});
