import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadKeyPair } from "../../../services/settings/key-pair.ts";
import { readSettings, SettingsError } from "../../../services/settings/settings.ts";
import { createCertificate } from "../../certificate.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

/** The settings of files with this content; a file without content does not exist. */
async function settingsOf(cert: Buffer | undefined, key: Buffer | undefined) {
  const folder = await temporaryFolder();
  const files = { TLS_CERT_FILE: join(folder, "cert.pem"), TLS_KEY_FILE: join(folder, "key.pem") };
  if (cert !== undefined) await writeFile(files.TLS_CERT_FILE, cert);
  if (key !== undefined) await writeFile(files.TLS_KEY_FILE, key);
  return readSettings(files);
}

const { cert, key } = createCertificate();
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const locked = privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" });

describe("the key pair", () => {
  test("is none where none is set", async () => {
    expect(await loadKeyPair(readSettings({}))).toBeUndefined();
  });

  test("is what the files hold", async () => {
    const settings = await settingsOf(cert, key);
    expect(await loadKeyPair(settings)).toEqual({ cert, key });
  });

  test.each<[name: string, cert: Buffer | undefined, key: Buffer | undefined, message: RegExp]>([
    ["no certificate", undefined, key, /^TLS_CERT_FILE \S+ cannot be read: ENOENT/],
    ["no key", cert, undefined, /^TLS_KEY_FILE \S+ cannot be read: ENOENT/],
    ["a key in place of the certificate", key, key, /^TLS_CERT_FILE \S+ is not a certificate in PEM: /],
    ["a certificate in place of the key", cert, cert, /^TLS_KEY_FILE \S+ is not a private key in PEM, /],
    ["an empty key", cert, Buffer.alloc(0), /^TLS_KEY_FILE \S+ is not a private key in PEM, /],
    ["a key with a passphrase", cert, Buffer.from(locked), /^TLS_KEY_FILE \S+ .* without a passphrase: /],
    ["the key of another", cert, createCertificate().key, /^TLS_KEY_FILE \S+ is not the key of .*TLS_CERT_FILE \S+/],
  ])("is refused with the setting's name: %s", async (_name, certificate, privateKeyFile, message) => {
    const settings = await settingsOf(certificate, privateKeyFile);
    const error = await loadKeyPair(settings).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SettingsError);
    expect((error as Error).message).toMatch(message);
  });
});
