import { readFile } from "node:fs/promises";
import { SettingsError } from "./settings.ts";

/**
 * Reads the file at the path that a setting has.
 *
 * @throws SettingsError with the setting's name, the path and the reason
 */
export async function readSettingFile(name: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new SettingsError(`${name} ${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * What `make` makes of the content of a setting's file.
 *
 * @param what the file must be
 * @throws SettingsError with the setting's name, the path and the reason
 */
export function parseSettingFile<T>(name: string, path: string, what: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new SettingsError(`${name} ${path} is not ${what}: ${(error as Error).message}`, { cause: error });
  }
}
