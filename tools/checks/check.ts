import { runCommand } from "../command.ts";

/** Something that must hold of the whole tree. */
export type Check = {
  name: string;
  /** Resolves with what is wrong; empty where nothing is. A rejection counts as wrong too. */
  run(): Promise<string>;
};

/** What a command says where it fails, the command itself before it; empty where it exits with 0. */
export async function complaintOf(program: string, parameters: readonly string[]): Promise<string> {
  const { code, output } = await runCommand(program, parameters);
  return code === 0 ? "" : `$ ${[program, ...parameters].join(" ")}\n${output}exit code ${code}`;
}

/** A check that is one command. */
export function commandCheck(name: string, program: string, ...parameters: string[]): Check {
  return { name, run: () => complaintOf(program, parameters) };
}

/** A check that finds faults, a line each. */
export function listCheck(name: string, find: () => Promise<string[]>): Check {
  return { name, run: async () => (await find()).join("\n") };
}
