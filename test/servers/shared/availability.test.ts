import { expect, test } from "vitest";
import { temporaryFolder } from "../../temporary-folder.ts";
import { fakeProgram } from "../fake-program.ts";
import { readAvailability } from "./availability.ts";

test("what is missing is told with the reason; an address in the environment does where it can be shared", async () => {
  const [PATH, XDG_CACHE_HOME] = [await temporaryFolder(), await temporaryFolder()];
  await fakeProgram(PATH, "mariadbd", "echo Ver 10.11");
  await fakeProgram(PATH, "redis-server", "echo v=7.0");
  const environment = { PATH, XDG_CACHE_HOME, NATS_URL: "nats://a" };
  const elasticsearch = expect.stringContaining("elasticsearch cannot be started here");
  expect(await readAvailability(environment, false)).toEqual({
    shared: { elasticsearch },
    own: { nats: expect.stringContaining("nats cannot be started here"), elasticsearch },
  });
});
