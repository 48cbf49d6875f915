import { jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { createConnection } from "mysql2/promise";
import { exchangeLine } from "./line-exchange.ts";
import type { RealServer } from "./real-server.ts";

/** Stores something in a server, and reads it again; what is read rejects or differs where it was lost. */
export type Deposit = { store(server: RealServer): Promise<unknown>; read(server: RealServer): Promise<unknown> };

async function query(url: string, statement: string): Promise<unknown> {
  const connection = await createConnection(url);
  try {
    return (await connection.query(statement))[0];
  } finally {
    await connection.end();
  }
}

async function withNats<Result>(url: string, use: (connection: NatsConnection) => Promise<Result>): Promise<Result> {
  const connection = await connect({ servers: url });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

export const MYSQL_DEPOSIT: Deposit = {
  store: ({ url }) => query(url, "CREATE TABLE deposit SELECT 'kept' AS value"),
  read: ({ url }) => query(url, "SELECT value FROM deposit"),
};

export const REDIS_DEPOSIT: Deposit = {
  store: ({ port }) => exchangeLine(port, "SET deposit kept"),
  read: ({ port }) => exchangeLine(port, "GET deposit"),
};

export const NATS_DEPOSIT: Deposit = {
  store: ({ url }) =>
    withNats(url, async (connection) => {
      const manager = await jetstreamManager(connection);
      await manager.streams.add({ name: "deposit", subjects: ["deposit"] });
      await manager.jetstream().publish("deposit", "kept");
    }),
  read: ({ url }) =>
    withNats(url, async (connection) => {
      const manager = await jetstreamManager(connection);
      return (await manager.streams.getMessage("deposit", { seq: 1 }))?.string();
    }),
};

export const ELASTICSEARCH_DEPOSIT: Deposit = {
  store: ({ url }) => {
    const headers = { "content-type": "application/json" };
    return fetch(`${url}/deposit/_doc/1`, { method: "PUT", headers, body: '{"value":"kept"}' });
  },
  read: async ({ url }) => (await fetch(`${url}/deposit/_source/1`)).json(),
};
