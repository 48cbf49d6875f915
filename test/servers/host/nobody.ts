import { chown, readdir } from "node:fs/promises";
import { join } from "node:path";

/** The user `nobody` and its group, on Linux. */
export const NOBODY = { uid: 65_534, gid: 65_534 } as const;

/** Makes a folder and all in it `nobody`'s. Only root can. */
export async function giveAway(folder: string): Promise<void> {
  const paths = (await readdir(folder, { recursive: true })).map((name) => join(folder, name));
  for (const path of [folder, ...paths]) await chown(path, NOBODY.uid, NOBODY.gid);
}
