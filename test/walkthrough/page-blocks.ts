import { readFile } from "node:fs/promises";

const FENCE = /^```(\w*)(?: (\S+))?\n(.*?)^```$/gms;

/** A fenced block of a page. `mark` is the word after the language, "" where there is none. */
export type Block = { line: number; language: string; mark: string; code: string };

/** Every fenced block of a page, in its order. */
export async function readBlocks(page: string): Promise<Block[]> {
  const text = await readFile(page, "utf8");
  return [...text.matchAll(FENCE)].map(({ index, 1: language, 2: mark, 3: code }) => ({
    line: text.slice(0, index).split("\n").length,
    language: language!,
    mark: mark ?? "",
    code: code!,
  }));
}

/** The code of the blocks that have a mark. */
export function codeOf(blocks: readonly Block[], mark: string): string {
  return blocks.flatMap((block) => (block.mark === mark ? block.code : [])).join("");
}

/** What a reader saves: the blocks whose mark is the name of a file. */
export function filesOf(blocks: readonly Block[]): Block[] {
  return blocks.filter(({ mark }) => mark.includes("."));
}

/** What a reader pastes: a block of `sh`, and the block of what it prints. `tool` is the program it is about. */
export type Command = { line: number; tool: string; code: string; output: Block | undefined };

/**
 * The commands of a page. A block of `sh` is marked with the tool that it needs, or `start` where it starts the server;
 * `json` and `text` without a mark are what the commands before them print.
 *
 * @throws where it is not clear what a block is for, so that none is left out by mistake
 */
export function readCommands(blocks: readonly Block[]): Command[] {
  const commands: Command[] = [];
  let previous: Command | undefined;
  for (const block of blocks) {
    const { line, language, mark: tool, code } = block;
    const isOutput = tool === "" && (language === "json" || language === "text");
    if (isOutput && previous) previous.output = block;
    else if (language !== "sh" && filesOf([block]).length === 0) throw new Error(`line ${line}: what is it for?`);
    else if (language === "sh" && tool === "") throw new Error(`line ${line}: which tool does it need?`);
    previous = language === "sh" && tool !== "start" ? { line, tool, code, output: undefined } : undefined;
    if (previous) commands.push(previous);
  }
  return commands;
}
