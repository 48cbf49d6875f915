import { BaseError, ConnectionError } from "sequelize";
import type { MysqlAddress } from "./mysql-address.ts";

/** What a failure at the start says to whoever starts a process; what needs no explanation comes back as it is. */
export function explainMysqlStart(error: unknown, address: MysqlAddress): unknown {
  if (!(error instanceof BaseError)) return error;
  const { code } = ((error as { original?: unknown }).original ?? {}) as { code?: string };
  const explanation = refusalOf(code, address) ?? (error instanceof ConnectionError ? absenceOf(address) : undefined);
  return explanation === undefined ? error : new Error(`${explanation}: ${error.message}`, { cause: error });
}

function absenceOf({ host, port }: MysqlAddress): string {
  return `MYSQL_URL cannot be used; is a server at ${host}:${port}?`;
}

function refusalOf(code: string | undefined, { host, port, user, database }: MysqlAddress): string | undefined {
  switch (code) {
    case "ER_ACCESS_DENIED_ERROR":
    case "ER_ACCESS_DENIED_NO_PASSWORD_ERROR":
      return `MYSQL_URL is refused by ${host}:${port}; correct its user and password`;
    case "ER_DBACCESS_DENIED_ERROR":
    case "ER_TABLEACCESS_DENIED_ERROR":
      return `MYSQL_URL names a user, ${user}, who may not use the database ${database}; grant the rights`;
    case "ER_BAD_DB_ERROR":
      return `MYSQL_URL names a database, ${database}, that ${host}:${port} does not have; create it, or name another`;
    case "HANDSHAKE_NO_SSL_SUPPORT":
      return `MYSQL_TLS_CA_FILE is set, but the server at ${host}:${port} does not speak TLS`;
    default:
      return undefined;
  }
}
