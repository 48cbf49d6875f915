import { chmod, readFile, writeFile } from "node:fs/promises";

/** A secret that is made at the first start where no setting has it. */
export type SecretFile = {
  path: string;
  /** What the secret is called, as in `the administrator's key`. */
  name: string;
  /** What it must be, and whether a text is that. */
  rule: string;
  isRight: (text: string) => boolean;
  make: () => string;
};

/**
 * The content of a secret's file, which is made with mode 0600 where it is not there, or empty. Rejects where it cannot be
 * read, or holds something else.
 */
export async function loadSecretFile({ path, name, rule, isRight, make }: SecretFile): Promise<string> {
  const content = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  const known = content?.trim();
  if (known) {
    if (isRight(known)) return known;
    throw new Error(`${name} in ${path} must be ${rule}; delete the file to have one made`);
  }
  const made = make();
  await writeFile(path, `${made}\n`, { mode: 0o600, flag: content === undefined ? "wx" : "w" });
  await chmod(path, 0o600);
  return made;
}
