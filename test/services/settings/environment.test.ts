import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../temporary-folder.ts";

const MODULE = new URL("../../../services/settings/environment.ts", import.meta.url).href;
const PRINT = `
  import { loadEnvironment } from "${MODULE}";
  const { PORT, HOST } = loadEnvironment();
  console.log(PORT, HOST);
`;

test("the file .env is read where there is one, and the environment wins over it", async () => {
  const cwd = await temporaryFolder();
  const print = async () => {
    const program = ["--input-type=module", "--eval", PRINT];
    const { stdout } = await promisify(execFile)(process.execPath, program, { cwd, env: { PORT: "1" } });
    return stdout.trim();
  };
  expect(await print()).toBe("1 undefined");
  await writeFile(join(cwd, ".env"), "PORT=2\nHOST=::1\n");
  expect(await print()).toBe("1 ::1");
});
