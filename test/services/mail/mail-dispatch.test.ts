import { pino } from "pino";
import { expect, test } from "vitest";
import { MailDispatch } from "../../../services/mail/mail-dispatch.ts";
import { type Mail, type Mailer, MailRefusedError } from "../../../services/mail/mailer.ts";

const MAIL: Mail = { to: "ann@a.example", subject: "Hello", text: "Hello\n" };
const A = { application: "a", mail: "registration" } as const;
const MAX_PENDING = 200;
const deadline = () => AbortSignal.timeout(10_000);

/** A mailer that does what the next of these says, and then sends. */
function createScene(...failures: Error[]) {
  const sent: Mail[] = [];
  const logged: string[] = [];
  const state = { attempts: 0, isClosed: false };
  const mailer: Mailer = {
    name: "the server",
    async send(mail) {
      state.attempts++;
      const failure = failures.shift();
      if (failure) throw failure;
      sent.push(mail);
    },
    close() {
      state.isClosed = true;
    },
  };
  const unsent: string[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => void logged.push(line) });
  const dispatch = new MailDispatch(mailer, log, (outcome) => unsent.push(outcome));
  return { sent, unsent, logged, state, dispatch };
}

test("a mail is sent once, after it was dispatched", async () => {
  const { dispatch, sent, logged } = createScene();
  dispatch.enqueue(A, async () => MAIL);
  expect(sent).toEqual([]);
  await expect.poll(() => sent).toEqual([MAIL]);
  await dispatch.stop(deadline());
  expect(sent).toHaveLength(1);
  expect(logged).toEqual([]);
});

test("where there is nothing to send, nothing is sent", async () => {
  const { dispatch, state } = createScene();
  dispatch.enqueue(A, async () => undefined);
  await dispatch.stop(deadline());
  expect(state).toEqual({ attempts: 0, isClosed: true });
});

test("a mail that cannot be sent is tried again as it was prepared, and its address is not logged", async () => {
  const { dispatch, sent, logged } = createScene(new Error("away"), new Error("away"));
  let prepared = 0;
  dispatch.enqueue(A, async () => {
    prepared++;
    return MAIL;
  });
  await expect.poll(() => sent).toEqual([MAIL]);
  expect(prepared).toBe(1);
  expect(logged).toHaveLength(1);
  expect(logged.join()).not.toContain(MAIL.to);
});

test("a server that is down is told of in one line, which says what fails and when it is tried again", async () => {
  const { dispatch, sent, logged } = createScene(new Error("connect ECONNREFUSED 127.0.0.1:1"), new Error("away"));
  dispatch.enqueue(A, async () => MAIL);
  await expect.poll(() => sent).toEqual([MAIL]);
  expect(logged.map((line) => JSON.parse(line))).toEqual([
    {
      ...{ level: 40, time: expect.any(Number), pid: expect.any(Number), hostname: expect.any(String), ...A },
      ...{ cause: "connect ECONNREFUSED 127.0.0.1:1", waitMs: 50 },
      msg: "the server does not take mails; it is tried again",
    },
  ]);
});

test("what cannot be prepared is prepared again", async () => {
  const { dispatch, sent } = createScene();
  const failures = [new Error("the database is away")];
  dispatch.enqueue(A, async () => {
    const failure = failures.shift();
    if (failure) throw failure;
    return MAIL;
  });
  await expect.poll(() => sent).toEqual([MAIL]);
});

test("a mail that is refused for good is not tried again", async () => {
  const { dispatch, state, unsent, logged } = createScene(new MailRefusedError(new Error("550 no such user")));
  dispatch.enqueue(A, async () => MAIL);
  await expect.poll(() => logged.length).toBe(1);
  await dispatch.stop(deadline());
  expect(state.attempts).toBe(1);
  expect(JSON.parse(logged[0]!)).toMatchObject({ ...A, cause: expect.stringContaining("550") });
  expect(unsent).toEqual(["refused"]);
});

test("at the limit an application's next mail is refused, before anything is known of it; not another one's", async () => {
  const { dispatch, sent } = createScene();
  const begin = Promise.withResolvers<undefined>();
  for (let index = 0; index < MAX_PENDING; index++) dispatch.enqueue(A, () => begin.promise);
  expect(() => dispatch.enqueue(A, async () => MAIL)).toThrow("too many of the application's mails");
  dispatch.enqueue({ ...A, application: "b" }, async () => MAIL);
  begin.resolve(undefined);
  await expect.poll(() => sent).toEqual([MAIL]);
  await expect.poll(() => tryDispatch(dispatch)).toBe(true);
});

function tryDispatch(dispatch: MailDispatch): boolean {
  try {
    dispatch.enqueue(A, async () => undefined);
    return true;
  } catch {
    return false;
  }
}

test("a stop tries each mail in hand once more, and gives up those that fail", async () => {
  const { dispatch, sent, unsent, logged } = createScene(new Error("away"));
  dispatch.enqueue(A, async () => MAIL);
  dispatch.enqueue(A, async () => ({ ...MAIL, subject: "Second" }));
  await dispatch.stop(deadline());
  expect(sent.map(({ subject }) => subject)).toEqual(["Second"]);
  expect(logged.map((line) => JSON.parse(line))).toMatchObject([{ ...A, msg: expect.stringContaining("given up") }]);
  expect(unsent).toEqual(["given_up"]);
});

test("a stop does not wait for longer than its deadline", async () => {
  const { dispatch, state } = createScene();
  dispatch.enqueue(A, () => new Promise(() => undefined));
  await dispatch.stop(AbortSignal.abort());
  expect(state.isClosed).toBe(true);
});
