import { bareHost } from "../settings/addresses.ts";

/** Where a MySQL or MariaDB is, and as whom to speak to it. */
export type MysqlAddress = { host: string; port: number; user: string; password: string; database: string };

const STANDARD_PORT = 3306;

/** Reads MYSQL_URL, `mysql://user:password@host:port/database`; the port is 3306 where none is given. */
export function parseMysqlUrl(text: string): MysqlAddress {
  const { hostname, port, username, password, pathname, search } = new URL(text);
  const database = decodeURIComponent(pathname.slice(1));
  if (hostname === "" || username === "" || database === "" || database.includes("/")) {
    throw new Error("MYSQL_URL must be like mysql://user:password@host:3306/database");
  }
  if (search !== "") throw new Error("MYSQL_URL takes no parameters; for TLS set MYSQL_TLS_CA_FILE");
  return {
    host: bareHost(hostname),
    port: port === "" ? STANDARD_PORT : Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database,
  };
}
