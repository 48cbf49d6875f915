import { existsSync } from "node:fs";

/** The environment of the process, with what the file `.env` of the current folder has beside it, where there is one. */
export function loadEnvironment(): NodeJS.ProcessEnv {
  if (existsSync(".env")) process.loadEnvFile();
  return process.env;
}
