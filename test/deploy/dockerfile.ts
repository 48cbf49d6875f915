import { readFile } from "node:fs/promises";

/** One instruction of a Dockerfile: `COPY`, and what follows it. */
type Instruction = { keyword: string; rest: string };

/** What deploy/Dockerfile says. */
export type Dockerfile = {
  /** Of both stages. */
  bases: string[];
  /** From the folder of the build: what, and to which path of the image's working directory. */
  copies: { sources: string[]; to: string }[];
  /** Shell commands of the first stage, which installs the dependencies. */
  installs: string[];
  environment: Record<string, string>;
  user: string;
  ports: number[];
  /** The program and its parameters. */
  healthCheck: string[];
  command: string[];
};

async function readInstructions(): Promise<Instruction[]> {
  const text = await readFile("deploy/Dockerfile", "utf8");
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => {
    const [, keyword = "", rest = ""] = /^(\w+) (.*)$/.exec(line) ?? [];
    return { keyword, rest };
  });
}

function parseCopy(rest: string): Dockerfile["copies"][number] {
  const paths = rest.split(" ");
  return { sources: paths.slice(0, -1), to: paths.at(-1)! };
}

/** Reads deploy/Dockerfile, whose instructions are a line each. */
export async function readDockerfile(): Promise<Dockerfile> {
  const instructions = await readInstructions();
  const last = instructions.findLastIndex(({ keyword }) => keyword === "FROM");
  const [first, second] = [instructions.slice(0, last), instructions.slice(last)];
  const restsOf = (stage: Instruction[], wanted: string) =>
    stage.flatMap(({ keyword, rest }) => (keyword === wanted ? [rest] : []));
  const only = (wanted: string) => restsOf(second, wanted).join("");
  return {
    bases: restsOf(instructions, "FROM").map((rest) => rest.split(" ")[0]!),
    copies: restsOf(instructions, "COPY")
      .filter((rest) => !rest.startsWith("--from"))
      .map(parseCopy),
    installs: restsOf(first, "RUN"),
    environment: Object.fromEntries(
      only("ENV")
        .split(" ")
        .map((pair) => pair.split("=")),
    ),
    user: only("USER"),
    ports: only("EXPOSE").split(" ").map(Number),
    healthCheck: JSON.parse(only("HEALTHCHECK").replace(/^.* CMD /, "")) as string[],
    command: JSON.parse(only("CMD")) as string[],
  };
}
