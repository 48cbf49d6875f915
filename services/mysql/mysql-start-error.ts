import { BaseError } from "sequelize";
import type { MysqlAddress } from "./mysql-address.ts";

/** What a failure to connect says to whoever starts a process; any other error comes back as it is. */
export function explainMysqlStart(error: unknown, { host, port, user, database }: MysqlAddress): unknown {
  if (!(error instanceof BaseError)) return error;
  const { original } = error as BaseError & { original?: { code?: string } };
  const explained = reasonOf(original?.code, { place: `${host}:${port}`, user, database });
  return new Error(`${explained}: ${error.message}`, { cause: error });
}

function reasonOf(
  code: string | undefined,
  { place, user, database }: { place: string; user: string; database: string },
): string {
  switch (code) {
    case "ER_ACCESS_DENIED_ERROR":
    case "ER_ACCESS_DENIED_NO_PASSWORD_ERROR":
      return `MYSQL_URL is refused by ${place}; correct its user and password`;
    case "ER_DBACCESS_DENIED_ERROR":
    case "ER_TABLEACCESS_DENIED_ERROR":
      return `MYSQL_URL names a user, ${user}, who may not use the database ${database}; grant the rights`;
    case "ER_BAD_DB_ERROR":
      return `MYSQL_URL names a database, ${database}, that ${place} does not have; create it, or name another`;
    case "HANDSHAKE_NO_SSL_SUPPORT":
      return `MYSQL_TLS_CA_FILE is set, but ${place} does not speak TLS`;
    default:
      return `MYSQL_URL cannot be used; is a server at ${place}?`;
  }
}
