import { decodeProtectedHeader } from "jose";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { SigningKeyStore } from "../../../services/token/signing-key-store.ts";
import { SigningKeys } from "../../../services/token/signing-keys.ts";
import { TokenIssuer } from "../../../services/token/token-issuer.ts";
import { openStores, type Stores } from "../stores.ts";
import { SECRET } from "./token-scene.ts";

const START_MS = Date.UTC(2026, 0, 2);
const MINUTE_MS = 60_000;
const USER = { application: "a".repeat(26), user: "alice" };

let stores: Stores;
let store: SigningKeyStore;
let opened: SigningKeys[];
let warnings: string[];
const log = pino({ level: "warn" }, { write: (line) => void warnings.push(JSON.parse(line).msg) });
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"], now: START_MS });
  await stores.database.signingKeys.destroy({ truncate: true });
  store = new SigningKeyStore(stores.database, SECRET);
  opened = [];
  warnings = [];
});
afterEach(() => {
  for (const keys of opened) keys.stop();
  vi.useRealTimers();
});

async function open(by = store): Promise<SigningKeys> {
  const keys = await SigningKeys.open(by, log);
  opened.push(keys);
  return keys;
}

const publishedBy = (keys: SigningKeys) => keys.published(Date.now()).map(({ id }) => id);

describe("signing keys", () => {
  test("have a first one, made where there is none, and the same after a restart", async () => {
    const { id } = await (await open()).signer();
    expect((await (await open()).signer()).id).toBe(id);
    expect(await store.list()).toHaveLength(1);
  });

  test("are stored encrypted, and published without what is private", async () => {
    const { id, publicJwk } = await (await open()).signer();
    expect(publicJwk).toEqual({ kty: "OKP", crv: "Ed25519", x: expect.any(String), kid: id, alg: "EdDSA", use: "sig" });
    const [row] = await stores.database.signingKeys.findAll({ raw: true });
    expect(row!.privateKey.split(".")).toHaveLength(5);
    expect(JSON.stringify(row)).not.toContain('"d"');
  });

  test("that two processes make at the same start are known to both", async () => {
    const [one, other] = await Promise.all([open(), open()]);
    const signers = [await one.signer(), await other.signer()];
    for (const { id } of signers) {
      expect([(await one.find(id))?.id, (await other.find(id))?.id]).toEqual([id, id]);
    }
  });

  test("are published before they sign, and accepted until their last tokens are over", async () => {
    const keys = await open();
    const { id: first } = await keys.signer();
    const { id: second } = await store.add(START_MS + 5 * MINUTE_MS);
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    await vi.waitFor(() => expect(publishedBy(keys)).toHaveLength(2));
    expect((await keys.signer()).id).toBe(first);
    vi.setSystemTime(START_MS + 5 * MINUTE_MS);
    expect((await keys.signer()).id).toBe(second);
    vi.setSystemTime(START_MS + 20 * MINUTE_MS);
    expect(keys.accepted(first, Date.now())?.id).toBe(first);
    vi.setSystemTime(START_MS + 26 * MINUTE_MS);
    expect([keys.accepted(first, Date.now()), publishedBy(keys)]).toEqual([undefined, [second]]);
  });

  test("that are not known are read at once, though not for everybody who names one", async () => {
    const keys = await open();
    const { id } = await store.add(START_MS);
    expect((await keys.find(id))?.id).toBe(id);
    const loads = vi.spyOn(store, "load");
    vi.setSystemTime(START_MS + 1_000);
    await Promise.all(Array.from({ length: 100 }, (_, index) => keys.find(`made-up-${index}`)));
    expect(loads).toHaveBeenCalledTimes(1);
  });

  test("stay known where the database is away", async () => {
    const keys = await open();
    const { id } = await keys.signer();
    vi.spyOn(store, "load").mockRejectedValue(new Error("away"));
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    await vi.waitFor(() => expect(warnings).toEqual(["the signing keys cannot be read; they will be again"]));
    expect((await keys.signer()).id).toBe(id);
    expect(await keys.find("unknown")).toBeUndefined();
  });

  test("made with another secret are left out, and said so; another one is made", async () => {
    const { id } = await (await open()).signer();
    const keys = await open(new SigningKeyStore(stores.database, "another-secret-of-tokens-0123456789"));
    expect(publishedBy(keys)).toEqual([(await keys.signer()).id]);
    expect(publishedBy(keys)).not.toContain(id);
    expect(warnings).toEqual([expect.stringContaining("another TOKEN_SECRET")]);
  });

  test("are not left with one that another secret's has replaced", async () => {
    const { id } = await (await open()).signer();
    await new SigningKeyStore(stores.database, "another-secret-of-tokens-0123456789").add(START_MS);
    const keys = await open();
    expect((await keys.signer()).id).not.toBe(id);
    vi.setSystemTime(START_MS + 30 * MINUTE_MS);
    expect(publishedBy(keys)).toEqual([(await keys.signer()).id]);
  });

  test("that somebody wrote to the database count for nothing", async () => {
    const keys = await open();
    const { id } = await keys.signer();
    const rows = await stores.database.signingKeys.findAll({ raw: true });
    await stores.database.signingKeys.create({ ...rows[0]!, id: "copied-under-another-id" });
    await stores.database.signingKeys.update({ publicKey: '{"kty":"OKP"}' }, { where: { id } });
    expect(publishedBy(await open())).toEqual([id]);
  });

  test("sign tokens that name them", async () => {
    const keys = await open();
    const issuer = new TokenIssuer({ keys, issuer: "parley", ttlMs: 1_000 });
    const { token } = await issuer.issue(USER);
    expect(decodeProtectedHeader(token).kid).toBe((await keys.signer()).id);
  });
});
