import { X509Certificate } from "node:crypto";
import { parseSettingFile, readSettingFile } from "./setting-file.ts";
import type { Settings } from "./settings.ts";

/** A setting with the file of an authority. */
type AuthoritySetting = Extract<keyof Settings, `${string}_TLS_CA_FILE`>;

/**
 * Reads the authority of a server's certificate, as PEM. Undefined where the setting has no file.
 *
 * @throws SettingsError for a file that cannot be read or is no certificate
 */
export async function readAuthority<Name extends AuthoritySetting>(
  settings: Pick<Settings, Name>,
  name: Name,
): Promise<Buffer | undefined> {
  const path = settings[name];
  if (path === undefined) return undefined;
  const ca = await readSettingFile(name, path);
  parseSettingFile(name, path, "a certificate in PEM", () => new X509Certificate(ca));
  return ca;
}
