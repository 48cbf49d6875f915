import { access, constants, mkdir } from "node:fs/promises";
import { resolve } from "node:path";

const { R_OK, W_OK, X_OK } = constants;

/**
 * Makes the folder of DATA_DIR where there is none, for its owner alone. Rejects, naming the setting, where it cannot be
 * made, is no folder, or cannot be written to.
 */
export async function makeDataFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await access(path, R_OK | W_OK | X_OK);
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`DATA_DIR ${resolve(path)} cannot be used; set a folder that can be written to: ${message}`, {
      cause: error,
    });
  }
}
