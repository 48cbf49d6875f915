import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Message } from "../../gen/parley/v1/message_pb.ts";
import { failureFrom } from "../failure.ts";
import { bodyOf, text } from "../message-text.ts";
import { openParleySession, type ParleySession } from "../parley-session.ts";
import { PROTOCOLS } from "../protocols.ts";
import { type Services, servicesOf, type Tenant } from "../tenant.ts";

let session: ParleySession;
let tenant: Tenant;
let callers: Services[];

beforeAll(async () => {
  session = await openParleySession();
  tenant = await session.createTenant();
  callers = PROTOCOLS.map((protocol) => servicesOf(session.transports[protocol], tenant.key));
});

afterAll(() => session.close());

/** A create: which of a few ids it carries (none: 0), what it says, by which protocol, and in which wave it is sent. */
const attempt = fc.record({
  id: fc.nat({ max: 3 }),
  body: fc.constantFrom("a", "b"),
  batch: fc.boolean(),
  caller: fc.nat({ max: PROTOCOLS.length - 1 }),
  wave: fc.nat({ max: 2 }),
});
type Attempt = typeof attempt extends fc.Arbitrary<infer T> ? T : never;
type Outcome = Attempt & { messages: Message[] };

test("however creates and retries meet, each request_id makes its messages once", async () => {
  const property = fc.asyncProperty(fc.array(attempt, { minLength: 1, maxLength: 40 }), async (attempts) => {
    const chat = (await tenant.chats.createChat({ parent: tenant.name, chat: {} })).name;
    const ids = Array.from({ length: 4 }, (_, index) => (index === 0 ? "" : crypto.randomUUID()));
    const send = async (each: Attempt): Promise<Outcome> => {
      const { messages } = callers[each.caller]!;
      const requestId = ids[each.id]!;
      const message = text(each.body);
      const create = each.batch
        ? messages.batchCreateMessages({ parent: chat, requests: [{ message }, { message }], requestId })
        : messages.createMessage({ parent: chat, message, requestId }).then((made) => ({ messages: [made] }));
      return create.then(
        (made) => ({ ...each, messages: made.messages }),
        (error: unknown) => {
          expect(failureFrom(error)).toMatchObject({
            reason: "REQUEST_ID_REUSED",
            metadata: { request_id: requestId },
          });
          return { ...each, messages: [] };
        },
      );
    };
    const outcomes: Outcome[] = [];
    for (const wave of [0, 1, 2])
      outcomes.push(...(await Promise.all(attempts.filter((each) => each.wave === wave).map(send))));
    const listed = (await tenant.messages.listMessages({ parent: chat, pageSize: 500 })).messages.reverse();
    checkOutcomes(outcomes, listed);
  });
  await fc.assert(property, { numRuns: 150 });
});

function checkOutcomes(outcomes: readonly Outcome[], listed: readonly Message[]): void {
  const expected: Message[] = outcomes.filter(({ id }) => id === 0).flatMap(({ messages }) => messages);
  for (const id of [1, 2, 3]) {
    const own = outcomes.filter((outcome) => outcome.id === id);
    const made = own.filter(({ messages }) => messages.length > 0);
    const first = made[0];
    expect(made.length, "one of those that share an id succeeds").toBeGreaterThanOrEqual(Math.min(1, own.length));
    if (!first) continue;
    const same = own.filter(({ body, batch }) => body === first.body && batch === first.batch);
    expect(made).toEqual(same);
    for (const { messages } of made) expect(messages).toEqual(first.messages);
    expected.push(...first.messages);
  }
  expect(listed).toEqual(expected.sort((a, b) => a.number - b.number));
  expect(listed.map(({ number }) => number)).toEqual(listed.map((_, index) => index + 1));
  for (const { body, messages } of outcomes) for (const message of messages) expect(bodyOf(message)).toBe(body);
}
