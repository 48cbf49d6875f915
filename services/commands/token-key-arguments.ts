import { parseArgs } from "node:util";
import type { SigningKeyStore, SigningKeySummary } from "../token/signing-key-store.ts";
import { UsageError } from "./usage-error.ts";

/** What `--help` prints. */
export const USAGE = `Token keys sign the access tokens of users.

  npm run token-keys -- list [--json]      the keys whose tokens are accepted: id, times, what each does
  npm run token-keys -- rotate [--json]    makes a new key. It is published at once and signs after TOKEN_KEY_LEAD; the
                                           key before it is accepted until its last token is over
  npm run token-keys -- retire KID         ends a key at once, as when it has leaked: within a minute no process accepts
                                           its tokens. Where no other key can sign, one is made

They are in the database at MYSQL_URL, where that is set; else in DATA_DIR, whose server must be stopped. Sessions go on
after each of these: their next access token is signed with another key.

Exit codes: 0 done; 1 not done, stderr says why; 2 wrong usage.
`;

/** What to do with the keys, and to tell of it. */
export type Action = (store: SigningKeyStore, leadMs: number, print: (text: string) => void) => Promise<void>;

const time = (millis: number) => new Date(millis).toISOString();

/** What a key is for at a moment. The first of those that sign is the signer. */
function describe({ id, createTime, signTime, expireTime }: SigningKeySummary, now: number, signer?: string) {
  const state = signTime > now ? "next" : id === signer ? "signs" : "replaced";
  const expires = expireTime === null ? null : time(expireTime);
  return { id, state, createTime: time(createTime), signTime: time(signTime), expireTime: expires };
}

async function list(store: SigningKeyStore): Promise<ReturnType<typeof describe>[]> {
  const now = Date.now();
  const keys = await store.list();
  const signer = keys.find(({ signTime }) => signTime <= now)?.id;
  return keys.map((key) => describe(key, now, signer));
}

function listAction(asJson: boolean): Action {
  return async (store, _leadMs, print) => {
    const keys = await list(store);
    if (asJson) return print(JSON.stringify(keys, undefined, 2));
    if (keys.length === 0) return print("there are no keys; a server makes one when it starts");
    for (const { id, state, signTime, expireTime } of keys) {
      print(`${id}  ${state.padEnd(8)}  signs from ${signTime}${expireTime ? `  accepted until ${expireTime}` : ""}`);
    }
  };
}

function rotateAction(asJson: boolean): Action {
  return async (store, leadMs, print) => {
    const { id } = await store.add(Date.now() + leadMs);
    const made = (await list(store)).find((key) => key.id === id)!;
    print(asJson ? JSON.stringify(made, undefined, 2) : `${id} is made, and signs from ${made.signTime}`);
  };
}

function retireAction(id: string): Action {
  return async (store, _leadMs, print) => {
    if (!(await store.retire(id))) throw new Error(`there is no key ${id}; \`list\` tells which there are`);
    print(`${id} is retired: its tokens end within a minute`);
    const signer = await store.ensureSigner();
    if (signer !== undefined) print(`${signer} signs from now on`);
  };
}

/** A KID, whose 43 characters may begin with that of flags. */
const LIKE_A_FLAG = /^-[\w-]{42}$/;

/** Reads the arguments. Throws a UsageError, or what parseArgs throws. */
export function parseAction(parameters: readonly string[]): Action | "help" {
  const flags = { json: { type: "boolean" }, help: { type: "boolean" } } as const;
  const args = parameters.flatMap((each) => (LIKE_A_FLAG.test(each) ? ["--", each] : [each]));
  const { values, positionals } = parseArgs({ args, options: flags, allowPositionals: true });
  const { json = false, help = false } = values;
  const [verb, id, ...rest] = positionals;
  if (help) return "help";
  if (rest.length > 0) throw new UsageError(`${JSON.stringify(rest[0])} is too much`);
  if (verb === "list" && id === undefined) return listAction(json);
  if (verb === "rotate" && id === undefined) return rotateAction(json);
  if (verb === "retire" && !json) return retireAction(id ?? sayWhich());
  throw new UsageError(verb === undefined ? "say what to do" : `cannot do ${JSON.stringify(positionals.join(" "))}`);
}

function sayWhich(): never {
  throw new UsageError("say which: KID");
}
