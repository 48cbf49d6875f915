import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../temporary-folder.ts";
import { fakeProgram } from "../fake-program.ts";
import { dockerHost, hasDockerEngine } from "./docker-host.ts";

/** Stands for Docker: runs what is asked for outside of a container, and notes how it was called. */
const DOCKER = `
home=$(dirname "$0"); echo "$@" >> "$home/calls"
case $1 in
run) name=$4; while [ "$1" != --entrypoint ]; do shift; done; program=$2; shift 3
  echo $$ > "$home/$name"; exec "$program" "$@" ;;
inspect) cat "$home/$4" ;;
kill) exec kill -s "\${3#SIG}" "$(cat "$home/$4")" ;;
esac`;

async function fakeDocker() {
  const folder = await temporaryFolder();
  const bin = join(folder, "bin");
  await fakeProgram(bin, "docker", DOCKER);
  await mkdir(join(folder, "tmp"));
  const environment = { PATH: `${bin}:${process.env.PATH}` };
  const host = dockerHost({ name: "fake:3", program: "sleep", about: "v3" }, environment);
  const calls = async () => (await readFile(join(bin, "calls"), "utf8")).trim().split("\n");
  return { folder, host, environment, calls };
}

test("a program runs in its image with the folder and the network of this machine", async () => {
  const { folder, host, calls } = await fakeDocker();
  const program = await host.launch({ program: "sleep", parameters: ["600"], environment: { A: "1" } }, folder);
  expect(() => process.kill(program.pid, 0)).not.toThrow();
  const run = (await calls()).find((call) => call.startsWith("run"));
  expect(run).toMatch(/^run --rm --name parley-\S+ --network host --user \d+:\d+ /);
  expect(run).toContain(` --volume ${folder}:${folder} --workdir ${folder} `);
  expect(run).toMatch(/ --env A=1 --entrypoint sleep fake:3 600$/);
  expect(program.ending).toMatch(/^docker rm --force parley-\S+$/);
  await program.signal("SIGKILL");
  await program.ended;
});

test("a program that fails at once ends with its code, and its output is in the log", async () => {
  const { folder, host } = await fakeDocker();
  const command = { program: "sh", parameters: ["-c", "echo broken; exit 3"] };
  const { ended } = await host.launch(command, folder);
  expect(await ended).toBe(3);
  expect(await readFile(join(folder, "server.log"), "utf8")).toContain("broken");
});

test.each([
  ["an engine", "exit 0", true],
  ["a client without an engine", "exit 1", false],
])("%s is told by whether it answers", async (_name, script, expected) => {
  const folder = await temporaryFolder();
  await fakeProgram(folder, "docker", script);
  expect(await hasDockerEngine({ PATH: folder })).toBe(expected);
});

test("there is no engine without a client", async () => {
  const folder = await temporaryFolder();
  expect(await hasDockerEngine({ PATH: folder })).toBe(false);
});
