import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { createConnection } from "mysql2/promise";
import { natsNames } from "../../../services/write-queue/nats-names.ts";
import { exchangeLine } from "../../servers/line-exchange.ts";
import type { Stack } from "./stack.ts";

type Installed = Pick<Stack, "name" | "mysqlUrl" | "servers">;

/** Removes what an installation has on its servers, none of which is used by another at the time. */
export async function removeInstallation(stack: Installed): Promise<void> {
  await Promise.all([dropDatabase(stack), deleteStreams(stack), deleteIndices(stack)]);
  await exchangeLine(stack.servers.redis.port, "FLUSHALL");
}

async function dropDatabase({ name, mysqlUrl }: Installed): Promise<void> {
  const connection = await createConnection({ uri: mysqlUrl });
  await connection.query(`DROP DATABASE \`${name}\``);
  connection.destroy();
}

/** They take room from the first, as much as they may ever need. */
async function deleteStreams({ name, servers }: Installed): Promise<void> {
  const connection = await connect({ servers: servers.nats.url });
  const { streams } = await jetstreamManager(connection);
  const { stream, deadLetterStream } = natsNames(name);
  await Promise.all([stream, deadLetterStream].map((each) => streams.delete(each)));
  await connection.close();
}

async function deleteIndices({ name, servers }: Installed): Promise<void> {
  const { url } = servers.elasticsearch;
  const answer = await fetch(`${url}/_cat/indices/${name}*?format=json&h=index`);
  for (const { index } of (await answer.json()) as { index: string }[]) {
    await fetch(`${url}/${index}`, { method: "DELETE" });
  }
}
