import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type { Command } from "../server-plan.ts";
import { giveAway, NOBODY } from "./nobody.ts";
import type { LaunchedProgram, ServerHost } from "./server-host.ts";

const run = promisify(execFile);
const POLL_MS = 50;
const ENGINE_PATIENCE_MS = 5_000;

/** An image, and what is in it. */
export type ContainerImage = { name: string; program: string; about: string };

/** Whether an engine answers the `docker` of an environment. */
export async function hasDockerEngine(environment: NodeJS.ProcessEnv): Promise<boolean> {
  const asked = run("docker", ["version", "--format", "{{.Server.Version}}"], {
    env: environment,
    timeout: ENGINE_PATIENCE_MS,
  });
  return asked.then(
    () => true,
    () => false,
  );
}

/** Containers share the network and the folder, so that addresses and paths are the same in and outside them. */
function runParameters({ name: image }: ContainerImage, container: string, command: Command, folder: string): string[] {
  const root = process.getuid!() === 0;
  const user = root ? `${NOBODY.uid}:${NOBODY.gid}` : `${process.getuid!()}:${process.getgid!()}`;
  const variables = Object.entries({ TMPDIR: join(folder, "tmp"), ...command.environment });
  return [
    ...["run", "--rm", "--name", container, "--network", "host", "--user", user, "--group-add", "0"],
    ...["--volume", `${folder}:${folder}`, "--workdir", folder],
    ...variables.flatMap(([name, value]) => ["--env", `${name}=${value}`]),
    ...["--entrypoint", command.program, image, ...command.parameters],
  ];
}

/** Runs an image that the engine has or can get. On Docker Desktop, host networking has to be enabled. */
export function dockerHost(image: ContainerImage, environment: NodeJS.ProcessEnv): ServerHost {
  const docker = async (...parameters: string[]) => (await run("docker", parameters, { env: environment })).stdout;

  /** The process of a container that is just starting; 0 where it ended instead. */
  async function processOf(container: string, isOver: () => boolean): Promise<number> {
    while (!isOver()) {
      const pid = await docker("inspect", "--format", "{{.State.Pid}}", container).catch(() => "0");
      if (Number(pid) > 0) return Number(pid);
      await delay(POLL_MS);
    }
    return 0;
  }

  return {
    program: { path: image.program, about: image.about, isInImage: true },
    give: async (folder) => {
      if (process.getuid!() === 0) await giveAway(folder);
    },
    launch: async (command, folder): Promise<LaunchedProgram> => {
      const container = `parley-${randomUUID()}`;
      const log = await open(join(folder, "server.log"), "a");
      try {
        const parameters = runParameters(image, container, command, folder);
        const stdio = ["ignore", log.fd, log.fd] as const;
        const child = spawn("docker", parameters, { env: environment, detached: true, stdio: [...stdio] });
        const ended = once(child, "exit").then(([code]) => code as number | null);
        const pid = await processOf(container, () => child.exitCode !== null || child.signalCode !== null);
        const signal = async (name: NodeJS.Signals) => {
          await docker("kill", "--signal", name, container).catch(() => "");
        };
        return { pid, ended, signal, ending: `docker rm --force ${container}` };
      } finally {
        await log.close();
      }
    },
  };
}
