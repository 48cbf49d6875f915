import type { FoundProgram } from "./host/program.ts";

/** Where a server is to live. */
export type ServerPlace = {
  /** Its own folder. */
  folder: string;
  /** Of 127.0.0.1. */
  port: number;
};

/** A program and its parameters, run without a shell. */
export type Command = { program: string; parameters: readonly string[]; environment?: Record<string, string> };

/** How one server runs in its place. `Extra` is what servers of its kind have beside what all have. */
export type ServerPlan<Extra> = {
  url: string;
  /** What makes its first data; each ends by itself. */
  preparations: readonly Command[];
  command: Command;
  /** Whether it answers as a server that is ready. A rejection means that it does not yet. */
  answers(): Promise<boolean>;
  extra: Extra;
};

/** Plans a server, and writes its configuration into its folder. */
export type PlanServer<Options, Extra> = (
  place: ServerPlace,
  program: FoundProgram,
  options: Options,
) => Promise<ServerPlan<Extra>>;
