import { afterAll, beforeAll, expect, test } from "vitest";
import { Chat_Kind } from "../../../gen/parley/v1/chat_pb.ts";
import { type ChatName, formatChatName } from "../../../services/aip/resource-name.ts";
import { ChatStore } from "../../../services/chat/chat-store.ts";
import { newMemberRow } from "../../../services/member/member-codec.ts";
import { AuthorMessages, type AuthorQuery, type Viewer } from "../../../services/message/author-messages.ts";
import { Horizon } from "../../../services/writer/horizon.ts";
import { WriterScene } from "../writer/writer-scene.ts";
import { chatWrite, deleteChatWrite, messageWrite } from "../writes.ts";

const NEVER = new AbortController().signal;
const BACKEND: Viewer = { kind: "backend" };
const ann = { kind: "user", user: "ann", isAgent: false } as const;

let scene: WriterScene;
let authors: AuthorMessages;
/** By their kinds; in each, Ann wrote twice, the second time a note where it is a support session. */
const chats = new Map<string, ChatName>();

beforeAll(async () => {
  scene = await WriterScene.open();
  const { database, queue } = scene.stores;
  const application = await scene.createApplication();
  const kinds = {
    open: Chat_Kind.OPEN,
    group: Chat_Kind.GROUP,
    left: Chat_Kind.GROUP,
    banned: Chat_Kind.GROUP,
    support: Chat_Kind.SUPPORT,
  };
  let number = 0;
  for (const [name, kind] of Object.entries(kinds)) {
    const chat = { application, chat: ++number };
    chats.set(name, chat);
    const internal = kind === Chat_Kind.SUPPORT;
    await scene.apply(
      chatWrite(chat),
      messageWrite(chat, 1, { user: "ann", body: `${name} 1` }),
      messageWrite(chat, 2, { user: "bob", body: `${name} of Bob` }),
      messageWrite(chat, 3, { user: "ann", body: `${name} 2`, internal }),
    );
    await become(chat, kind, { isMember: name !== "open" && name !== "left", isBanned: name === "banned" });
  }
  const gone = { application, chat: ++number };
  await scene.apply(chatWrite(gone), messageWrite(gone, 1, { user: "ann" }));
  await scene.apply(deleteChatWrite(formatChatName(gone), { force: true }));
  authors = new AuthorMessages({ database, chats: new ChatStore({ database, queue, horizon: scene.horizon }) });
});
afterAll(() => scene.close());

async function become(
  chat: ChatName,
  kind: Chat_Kind,
  { isMember, isBanned }: { isMember: boolean; isBanned: boolean },
): Promise<void> {
  const { database } = scene.stores;
  await database.chats.update({ kind }, { where: { application: chat.application, number: chat.chat } });
  if (!isMember) return;
  const row = newMemberRow({ ...chat, user: "ann" }, 1, { mark: 1, timeMs: 1 });
  await database.members.create({ ...row, banExpireTime: isBanned ? Date.now() + 60_000 : Date.now() - 1 });
}

async function list(query: Partial<AuthorQuery>) {
  const { application } = chats.get("open")!;
  const whole = { author: "ann", before: Number.MAX_SAFE_INTEGER, limit: 50, viewer: BACKEND };
  return (await authors.list({ application }, { ...whole, ...query }, NEVER)) ?? [];
}

const bodiesOf = async (query: Partial<AuthorQuery>) => (await list(query)).map(({ body }) => body);

test("the backend sees all that an author wrote, the latest first, but for chats that are deleted", async () => {
  expect(await bodiesOf({})).toEqual([
    ...["support 2", "support 1", "banned 2", "banned 1", "left 2", "left 1"],
    ...["group 2", "group 1", "open 2", "open 1"],
  ]);
  expect(await bodiesOf({ author: "nobody" })).toEqual([]);
});

test("a page goes on where the one before it ended", async () => {
  const first = await list({ limit: 4 });
  const rest = await list({ before: first.at(-1)!.createSeq });
  expect([...first, ...rest]).toEqual(await list({}));
});

test("users see what they wrote in chats whose members they are, without notes; agents see support sessions whole", async () => {
  expect(await bodiesOf({ viewer: ann })).toEqual(["support 1", "group 2", "group 1"]);
  expect(await bodiesOf({ viewer: { ...ann, isAgent: true } })).toEqual([
    ...["support 2", "support 1", "group 2", "group 1"],
  ]);
  const stranger = { kind: "user", user: "cid", isAgent: true } as const;
  expect(await bodiesOf({ viewer: stranger })).toEqual(["support 2", "support 1"]);
});

test("of an application that does not exist there is no list", async () => {
  const query = { author: "ann", before: 9, limit: 5, viewer: BACKEND };
  expect(await authors.list({ application: "0".repeat(26) }, query, NEVER)).toBeUndefined();
});

test("a list waits until the database has what was answered", async () => {
  const { database, queue } = scene.stores;
  const late = new ChatStore({ database, queue, horizon: new Horizon(0) });
  const query = { author: "ann", before: 9, limit: 5, viewer: BACKEND };
  const listed = new AuthorMessages({ database, chats: late }).list(chats.get("open")!, query, AbortSignal.abort());
  await expect(listed).rejects.toThrow("aborted");
});
