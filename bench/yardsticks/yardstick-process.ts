import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { launchProgram } from "../../test/launched-program.ts";

/** A yardstick that is a server in a process of its own. */
export type YardstickProcess = { address: string; pid: number; close(): Promise<void> };

/** Starts one of the programs in this folder, which prints its port. */
export async function startYardstick(name: string, ...parameters: string[]): Promise<YardstickProcess> {
  const path = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  const { child, output, ended } = launchProgram([process.execPath, path, ...parameters], {});
  const endAtExit = () => child.kill("SIGKILL");
  process.on("exit", endAtExit);
  const over = ended.then(() => undefined);
  while (!output.stdout.includes("\n")) {
    const more = await Promise.race([over, once(child.stdout!, "data")]);
    if (!more) throw new Error(`the yardstick ${name} ended: ${output.stderr}`);
  }
  return {
    address: `127.0.0.1:${output.stdout.trim()}`,
    pid: child.pid!,
    async close() {
      process.off("exit", endAtExit);
      child.kill("SIGKILL");
      await ended;
    },
  };
}
