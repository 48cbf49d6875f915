import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Major and minor. */
export type Version = readonly [number, number];

/** A program that can be a server, and the lowest version that will do. */
export type ProgramRequirement = {
  name: string;
  minimum: Version;
  /** What it says of its version, which by default it prints when it is started with `--version`. */
  readAbout?(path: string): Promise<string>;
};

export type FoundProgram = {
  path: string;
  /** What it says of its version. */
  about: string;
  /** Whether it is in an image, with all that it needs. */
  isInImage: boolean;
};

/** What a search came to: the first program that will do, and what is there and will not, in words. */
export type ProgramSearch = { program: FoundProgram | undefined; refused: string[] };

/** The PATH of an environment, and where systems keep servers that not every user's PATH has. */
export function programFolders({ PATH = "" }: NodeJS.ProcessEnv): string[] {
  return [...new Set([...PATH.split(delimiter), "/usr/local/sbin", "/usr/sbin"])].filter(Boolean);
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** The paths of a program, in the folders' order. */
export async function locate(name: string, folders: readonly string[]): Promise<string[]> {
  const paths = folders.map((folder) => join(folder, name));
  const executable = await Promise.all(paths.map(isExecutable));
  return paths.filter((_path, index) => executable[index]);
}

/** The version in what a program says of itself, such as 10.11 in `mariadbd  Ver 10.11.6-MariaDB`. */
export function readVersion(about: string): Version | undefined {
  const [, major, minor] = /\b(?:ver|version:|v)[ =]?(\d+)\.(\d+)/i.exec(about) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor)];
}

export function isAtLeast(version: Version, minimum: Version): boolean {
  return version[0] > minimum[0] || (version[0] === minimum[0] && version[1] >= minimum[1]);
}

async function printedVersion(path: string): Promise<string> {
  return (await run(path, ["--version"])).stdout;
}

/** Looks for programs, in their order. */
export async function searchPrograms(
  requirements: readonly ProgramRequirement[],
  folders: readonly string[],
): Promise<ProgramSearch> {
  const refused: string[] = [];
  for (const { name, minimum, readAbout = printedVersion } of requirements) {
    for (const path of await locate(name, folders)) {
      const about = await readAbout(path).catch(() => "");
      const version = readVersion(about);
      if (version && isAtLeast(version, minimum)) return { program: { path, about, isInImage: false }, refused };
      refused.push(`${path} is ${version?.join(".") ?? "of an unknown version"}`);
    }
  }
  return { program: undefined, refused };
}
