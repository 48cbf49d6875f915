import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Chat_Kind, SupportState_Status } from "../../../gen/parley/v1/chat_pb.ts";
import { Author_Type } from "../../../gen/parley/v1/message_pb.ts";
import type { ChatName } from "../../../services/aip/resource-name.ts";
import { CREATE_TIME_MS, chatWrite, messagesWrite, messageWrite, newMessage } from "../writes.ts";
import { WriterScene } from "./writer-scene.ts";

const { OPEN, PENDING, CLOSED } = SupportState_Status;
const CUSTOMER = { user: "cleo", type: Author_Type.CUSTOMER };
const AGENT = { user: "ada", type: Author_Type.AGENT };
const at = (seconds: number) => ({ createTimeMs: CREATE_TIME_MS + 1_000 * seconds });

let scene: WriterScene;
beforeAll(async () => {
  scene = await WriterScene.open();
});
afterAll(() => scene.close());

async function createSession(): Promise<ChatName> {
  const name = { application: await scene.createApplication(), chat: 1 };
  await scene.apply(chatWrite(name, { kind: Chat_Kind.SUPPORT, creator: "cleo" }));
  return name;
}

describe("a support session", () => {
  test("is open and nobody's at first; chats of other kinds have none", async () => {
    const begun = { supportStatus: OPEN, supportAgent: null, firstResponseTime: null, closeTime: null };
    expect(await scene.findChat(await createSession())).toMatchObject(begun);
    expect(await scene.findChat(await scene.createChat())).toMatchObject({ ...begun, supportStatus: 0 });
  });

  test("waits for the customer once an agent wrote, and for an agent once the customer did", async () => {
    const session = await createSession();
    await scene.apply(
      messageWrite(session, 1, { ...CUSTOMER, ...at(1) }),
      messageWrite(session, 2, { ...AGENT, ...at(2) }),
    );
    const answered = { supportStatus: PENDING, firstResponseTime: CREATE_TIME_MS + 2_000 };
    expect(await scene.findChat(session)).toMatchObject(answered);
    await scene.apply(messageWrite(session, 3, { ...CUSTOMER, ...at(3) }));
    expect(await scene.findChat(session)).toMatchObject({ ...answered, supportStatus: OPEN });
    await scene.apply(messageWrite(session, 4, { ...AGENT, ...at(4) }));
    expect(await scene.findChat(session)).toMatchObject(answered);
  });

  test("that is closed is opened by a message of the customer, whatever role it has", async () => {
    const session = await createSession();
    const where = { application: session.application, number: session.chat };
    for (const [index, type] of [Author_Type.CUSTOMER, Author_Type.AGENT].entries()) {
      await scene.stores.database.chats.update({ supportStatus: CLOSED, closeTime: 5 }, { where });
      await scene.apply(messageWrite(session, index + 1, { user: "cleo", type }));
      const open = { supportStatus: OPEN, closeTime: null, firstResponseTime: null };
      expect(await scene.findChat(session)).toMatchObject(open);
    }
  });

  test.each([
    ["the backend", { type: Author_Type.BACKEND }],
    ["a bot", { user: "helper", type: Author_Type.BOT }],
    ["a note of an agent", { ...AGENT, internal: true }],
  ])("stays as it is where %s writes", async (_, author) => {
    const session = await createSession();
    await scene.apply(messageWrite(session, 1, author));
    expect(await scene.findChat(session)).toMatchObject({ supportStatus: OPEN, firstResponseTime: null });
  });

  test("shows nothing of notes but their numbers, also in a batch", async () => {
    const session = await createSession();
    const note = { ...AGENT, internal: true };
    await scene.apply(messageWrite(session, 1, { ...note, ...at(1) }));
    expect(await scene.findChat(session)).toMatchObject({ lastNumber: 1, lastMessageTime: null });
    const batch = [newMessage(session, 2, { ...CUSTOMER, ...at(2) }), newMessage(session, 3, { ...note, ...at(3) })];
    await scene.apply(messagesWrite(session, batch));
    const shown = { lastNumber: 3, lastMessageTime: CREATE_TIME_MS + 2_000, supportStatus: OPEN };
    expect(await scene.findChat(session)).toMatchObject(shown);
  });
});

test("in other kinds of chats messages turn nothing", async () => {
  const chat = await scene.createChat();
  await scene.apply(messageWrite(chat, 1, AGENT));
  expect(await scene.findChat(chat)).toMatchObject({ supportStatus: 0, firstResponseTime: null });
});
