import { readFile } from "node:fs/promises";
import { parse } from "yaml";

/** What is read of docker-compose.yml. */
export type ComposeService = {
  image: string;
  command?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  ports?: string[];
  networks: string[];
  profiles?: string[];
  healthcheck?: { test?: string[]; disable?: boolean };
  stop_grace_period?: string;
  depends_on?: Record<string, { condition: string }>;
  deploy: { replicas?: number; resources: { limits: { cpus: string; memory: string } } };
};
export type ComposeFile = {
  services: Record<string, ComposeService>;
  networks: Record<string, { internal?: boolean } | null>;
  volumes: Record<string, null>;
};

/** Names of variables, and the values that they have. */
export type Variables = Readonly<Record<string, string>>;

const COMPOSE_PATH = "docker-compose.yml";

const VARIABLE = /\$\{(\w+)(?::([-?])([^}]*))?\}/g;

/**
 * The file's text with its variables filled in, as Compose does it: `${NAME}`, `${NAME:-default}`, `${NAME:?why}`.
 *
 * @throws Error with the why of a variable that must have a value and has none
 */
export async function interpolateCompose(variables: Variables): Promise<string> {
  const text = await readFile(COMPOSE_PATH, "utf8");
  return text.replaceAll(VARIABLE, (_, name: string, operator: string | undefined, word: string) => {
    const value = variables[name] ?? "";
    if (value !== "" || operator === undefined) return value;
    if (operator === "?") throw new Error(`${name} is missing: ${word}`);
    return word;
  });
}

/** The file as it is with these variables; `$$` is `$`. */
export async function readCompose(variables: Variables): Promise<ComposeFile> {
  const text = await interpolateCompose(variables);
  return parse(text.replaceAll("$$", "$"), { merge: true }) as ComposeFile;
}

/** The variables that must have a value, by name. */
export async function readRequiredVariables(): Promise<string[]> {
  const text = await readFile(COMPOSE_PATH, "utf8");
  const names = [...text.matchAll(VARIABLE)].flatMap(([, name, operator]) => (operator === "?" ? [name!] : []));
  return [...new Set(names)].sort();
}
