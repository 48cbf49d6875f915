/** What a server says that it is. */
export type MysqlVersion = { isMariaDb: boolean; major: number; minor: number };

/** Reads what `SELECT VERSION()` gives: `8.4.3`, or `10.11.6-MariaDB-log`. */
export function parseMysqlVersion(text: string): MysqlVersion {
  const [major = 0, minor = 0] = text.split(".").map((part) => Number.parseInt(part, 10));
  return { isMariaDb: text.includes("MariaDB"), major, minor };
}

/** Throws where a server is older than MySQL 8.4 or MariaDB 10.11. */
export function checkMysqlVersion(text: string): void {
  const { isMariaDb, major, minor } = parseMysqlVersion(text);
  const [leastMajor, leastMinor] = isMariaDb ? [10, 11] : [8, 4];
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  throw new Error(`the server at MYSQL_URL is of version ${text}; use MySQL 8.4 or MariaDB 10.11, or a newer one`);
}
