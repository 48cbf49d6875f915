import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { LockedPackages } from "./package-lock.ts";

const ALLOWED = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "Unlicense",
]);
/** Tools that are not part of what runs. */
const ALLOWED_IN_DEVELOPMENT = new Set([...ALLOWED, "MPL-2.0"]);

/**
 * Whether an SPDX expression can be met with the licenses of a list: all of an AND, one of an OR. What nests them is
 * not understood, and refused.
 */
export function isAllowed(expression: string, allowed: ReadonlySet<string>): boolean {
  const bare = expression.replace(/^\((.*)\)$/, "$1");
  return bare.split(" OR ").some((choice) => choice.split(" AND ").every((license) => allowed.has(license)));
}

/** What an installed package says of itself; undefined where it is not installed, as for another platform. */
async function readInstalledLicense(path: string): Promise<string | undefined> {
  const text = await readFile(join(path, "package.json"), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const { license } = JSON.parse(text) as { license?: string | { type?: string } };
  return (typeof license === "string" ? license : license?.type) ?? "none";
}

/** Lines `path: license` for the packages whose license is not on the list. */
export async function findLicenseFaults(
  packages: LockedPackages,
  readInstalled: (path: string) => Promise<string | undefined> = readInstalledLicense,
): Promise<string[]> {
  const faults: string[] = [];
  for (const [path, { license, dev, devOptional }] of Object.entries(packages)) {
    if (path === "") continue;
    const found = (await readInstalled(path)) ?? license ?? "none";
    const allowed = dev || devOptional ? ALLOWED_IN_DEVELOPMENT : ALLOWED;
    if (!isAllowed(found, allowed)) faults.push(`${path}: ${found}`);
  }
  return faults;
}
