import { readFile } from "node:fs/promises";

/** What the tests' servers are told of themselves: where they listen, and where their data is. */
const OWN = /^(port|bind|dir|protected-mode|http_port|server_name)\b/;

async function readLines(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8");
  return text.split("\n").filter((line) => line.trim() !== "" && !line.trim().startsWith("#"));
}

/** The lines of deploy/redis.conf for a server that listens, and has its data, elsewhere. */
export async function readRedisSettings(password: string): Promise<string[]> {
  const lines = await readLines("deploy/redis.conf");
  return [...lines.filter((line) => !OWN.test(line)), `requirepass ${password}`];
}

/** Of deploy/nats.conf, the same; what is in its block `jetstream` by name. */
export async function readNatsSettings(password: string) {
  const lines = await readLines("deploy/nats.conf");
  const start = lines.indexOf("jetstream {");
  const block = lines.slice(start + 1, lines.indexOf("}", start));
  const jetstream = Object.fromEntries(block.map((line) => line.trim().split(": ")));
  const others = [...lines.slice(0, start), ...lines.slice(start + block.length + 2)];
  const authorization = `authorization { user: parley, password: "${password}" }`;
  return { jetstream, settings: [...others.filter((line) => !OWN.test(line)), authorization] };
}
