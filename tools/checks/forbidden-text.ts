import type { SourceFile } from "./source-files.ts";

type Rule = { what: string; pattern: RegExp; files?: RegExp };

/** What belongs to one machine and must not get into the tree. */
const RULES: readonly Rule[] = [
  { what: "a path of somebody's machine", pattern: /(?<![\w.~}*-])\/(?:work|root|home|Users)\// },
  {
    what: "the host of a package registry",
    pattern:
      /\b(?:registry\.(?:npmjs|yarnpkg|npmmirror)\.|proxy\.golang\.)|https?:\/\/[^\s/"']*(?:registry|artifactory|nexus|verdaccio)/,
  },
  {
    what: "the address of a package, which is the registry's business",
    pattern: /"resolved":/,
    files: /(?:^|\/)package-lock\.json$/,
  },
];

/** Lines `path:line: what` for everything in the files that must not be there. */
export function findForbiddenText(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    const rules = RULES.filter(({ files: only }) => only?.test(path) ?? true);
    return text
      .split("\n")
      .flatMap((line, index) =>
        rules
          .filter(({ pattern }) => pattern.test(line))
          .map(({ what }) => `${path}:${index + 1}: ${what}: ${line.trim().slice(0, 120)}`),
      );
  });
}
