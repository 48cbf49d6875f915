import { create, type DescField, type DescMethodUnary, type Message } from "@bufbuild/protobuf";
import fc from "fast-check";
import { messageOf } from "../../edge/transcode/json/message-arbitrary.ts";
import { type Names, namesIn, type RpcCase } from "../rpc-case.ts";
import { RPC_CASES } from "../rpc-cases.ts";
import { anyHeaders, anyTarget } from "./http-arbitrary.ts";
import { requestOf, WAYS, type Way, type WireRequest } from "./wire-request.ts";

/** A request, and what it goes over. */
export type Sent = { way: Way; request: WireRequest };

/** Whom the requests come from, and what they speak of. */
export type Speaker = { application: string; key: string };

type Values = Record<string, unknown>;

/** More than there will be: some that exist, some that do not. */
const number = fc.integer({ min: 0, max: 30 });

function namesOf({ application }: Speaker): fc.Arbitrary<Names> {
  return fc.tuple(number, number).map(([chat, message]) => {
    const parent = `${application}/chats/${chat}`;
    return { ...namesIn(application), chat: parent, group: parent, message: `${parent}/messages/${message}` };
  });
}

const rpcCase = fc.constantFrom(...RPC_CASES);

/** A good message whose fields are replaced, in any part, by what their types allow. */
function mixed({ method, request }: RpcCase, names: Names): fc.Arbitrary<Message> {
  const good = create(method.input, request(names));
  return fc.tuple(messageOf(method.input), fc.subarray(method.input.fields)).map(([random, kept]) => {
    const values = random as unknown as Values;
    for (const field of method.input.fields) mix(values, good as unknown as Values, field, kept.includes(field));
    return random;
  });
}

/** Keeps the good value, or at least the good name in it. */
function mix(values: Values, good: Values, { localName, message }: DescField, isKept: boolean): void {
  const [random, value] = [values[localName], good[localName]];
  if (isKept) values[localName] = value;
  else if (message && random && value && "name" in (value as Values)) (random as Values).name = (value as Values).name;
}

function goodRequest(speaker: Speaker, ways: readonly Way[] = WAYS): fc.Arbitrary<Sent> {
  return fc.tuple(fc.constantFrom(...ways), rpcCase, namesOf(speaker)).map(([way, { method, request }, names]) => {
    return { way, request: requestOf(way, method, create(method.input, request(names)), speaker.key) };
  });
}

/** Messages that the types allow, by every way. */
function typed(speaker: Speaker): fc.Arbitrary<Sent> {
  const withMessage = ([each, names]: [RpcCase, Names]) =>
    fc.tuple(fc.constantFrom(...WAYS), fc.constant(each.method), mixed(each, names));
  const toSent = ([way, method, message]: [Way, DescMethodUnary, Message]): Sent => {
    return { way, request: requestOf(way, method, message, speaker.key) };
  };
  return fc.tuple(rpcCase, namesOf(speaker)).chain(withMessage).map(toSent);
}

/** A place in a body, from 0 to 1, how much is taken away there, and what is put in. */
type Edit = [at: number, removed: number, inserted: Uint8Array];

const TOKENS = [
  '"',
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "null",
  "true",
  "-0",
  "1e999",
  "\\u0000",
  "\\ud800",
  '"":',
  '"name":',
];
const token = fc.constantFrom(...TOKENS).map((text) => Buffer.from(text));
const at = fc.double({ min: 0, max: 1, noNaN: true });
const edits = fc.array(fc.tuple(at, fc.nat({ max: 8 }), fc.oneof(token, fc.uint8Array({ maxLength: 12 }))), {
  minLength: 1,
  maxLength: 4,
});

function edit(body: Uint8Array, [place, removed, inserted]: Edit): Uint8Array {
  const start = Math.floor(place * body.length);
  return Buffer.concat([body.subarray(0, start), inserted, body.subarray(start + removed)]);
}

/** Good requests, their bodies bent: JSON as text, Protobuf and envelopes as bytes. */
function bent(speaker: Speaker): fc.Arbitrary<Sent> {
  return fc.tuple(goodRequest(speaker), edits).map(([{ way, request }, changes]) => {
    const body = changes.reduce(edit, request.body ?? Buffer.from("{}"));
    return { way, request: { ...request, body } };
  });
}

function randomBody(speaker: Speaker): fc.Arbitrary<Sent> {
  return fc.tuple(goodRequest(speaker), fc.uint8Array({ maxLength: 300 })).map(([{ way, request }, body]) => {
    return { way, request: { ...request, body } };
  });
}

/** Good requests, to another path or with other headers. */
function misdirected(speaker: Speaker): fc.Arbitrary<Sent> {
  const parts = fc.tuple(goodRequest(speaker, ["rest", "connect+json"]), anyTarget(speaker.application));
  return parts.map(([{ way, request }, target]) => ({ way, request: { ...request, ...target } }));
}

function relabelled(speaker: Speaker): fc.Arbitrary<Sent> {
  return fc.tuple(goodRequest(speaker), anyHeaders()).map(([{ way, request }, more]) => {
    return { way, request: { ...request, headers: { ...request.headers, ...more } } };
  });
}

/** Requests of every kind: right by their types, bent, or of anything at all. */
export function requestArbitrary(speaker: Speaker): fc.Arbitrary<Sent> {
  const kinds = [typed, typed, bent, bent, randomBody, misdirected, relabelled];
  return fc.oneof(...kinds.map((kind) => kind(speaker)));
}
