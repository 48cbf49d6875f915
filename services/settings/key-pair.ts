import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { parseSettingFile, readSettingFile } from "./setting-file.ts";
import { type Settings, SettingsError } from "./settings.ts";

/** A certificate, with those between it and the root where there are any, and its private key; both as PEM. */
export type KeyPair = { readonly cert: Buffer; readonly key: Buffer };

/**
 * Reads the files of TLS_CERT_FILE and TLS_KEY_FILE. Undefined where they are not set.
 *
 * @throws SettingsError for a file that cannot be read or is not what it should be, and for a key of another certificate
 */
export async function loadKeyPair({ TLS_CERT_FILE, TLS_KEY_FILE }: Settings): Promise<KeyPair | undefined> {
  if (TLS_CERT_FILE === undefined || TLS_KEY_FILE === undefined) return undefined;
  const cert = await readSettingFile("TLS_CERT_FILE", TLS_CERT_FILE);
  const key = await readSettingFile("TLS_KEY_FILE", TLS_KEY_FILE);
  const certificate = parseSettingFile(
    "TLS_CERT_FILE",
    TLS_CERT_FILE,
    "a certificate in PEM",
    () => new X509Certificate(cert),
  );
  const privateKey = parseSettingFile("TLS_KEY_FILE", TLS_KEY_FILE, "a private key in PEM, without a passphrase", () =>
    createPrivateKey(key),
  );
  requireMatch(certificate, privateKey, TLS_CERT_FILE, TLS_KEY_FILE);
  parseSettingFile("TLS_CERT_FILE", TLS_CERT_FILE, "a certificate that TLS can use", () =>
    createSecureContext({ cert, key }),
  );
  return { cert, key };
}

function requireMatch(certificate: X509Certificate, key: KeyObject, certFile: string, keyFile: string): void {
  if (certificate.checkPrivateKey(key)) return;
  throw new SettingsError(`TLS_KEY_FILE ${keyFile} is not the key of the certificate in TLS_CERT_FILE ${certFile}`);
}
