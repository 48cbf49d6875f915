import { readFile } from "node:fs/promises";

/** A package as package-lock.json lists it, under its path: `node_modules/a`, `node_modules/a/node_modules/b`. */
export type LockedPackage = {
  license?: string;
  dev?: boolean;
  devOptional?: boolean;
  optionalDependencies?: Record<string, string>;
};

export type LockedPackages = Readonly<Record<string, LockedPackage>>;

export async function readLockedPackages(): Promise<LockedPackages> {
  return (JSON.parse(await readFile("package-lock.json", "utf8")) as { packages: LockedPackages }).packages;
}

/** Whether a package finds another by the rules of node_modules: in its own folder, or one above. */
function isLocked(packages: LockedPackages, from: string, name: string): boolean {
  if (`${from}/node_modules/${name}` in packages) return true;
  const end = from.lastIndexOf("/node_modules/");
  return end < 0 ? `node_modules/${name}` in packages : isLocked(packages, from.slice(0, end), name);
}

/**
 * Lines `from: name` for optional dependencies, as those for other platforms, that the lock lacks. `npm install`
 * leaves out what its registry does not have; `npm ci` refuses such a lock, also where they are not needed.
 */
export function findUnlocked(packages: LockedPackages): string[] {
  return Object.entries(packages).flatMap(([from, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !isLocked(packages, from, name))
      .map((name) => `${from}: ${name} is not locked`),
  );
}
