import type { Command } from "../server-plan.ts";
import type { FoundProgram } from "./program.ts";

/** A program that was started. */
export type LaunchedProgram = {
  pid: number;
  /** Resolves once it is gone, with its exit code, or null where a signal ended it. */
  ended: Promise<number | null>;
  /** Does nothing where it is gone. */
  signal(signal: NodeJS.Signals): Promise<void>;
  /** The command of `sh` that ends it at once. */
  ending: string;
};

/** Where programs of one kind of server can be run. */
export type ServerHost = {
  program: FoundProgram;
  /** Makes a folder the property of the user whom programs run as. */
  give(folder: string): Promise<void>;
  /** Starts a program in a folder of its own, which has a folder `tmp`. What it prints is added to `server.log` there. */
  launch(command: Command, folder: string): Promise<LaunchedProgram>;
};
