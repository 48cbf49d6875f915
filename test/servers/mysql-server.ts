import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import type { FoundProgram } from "./host/program.ts";
import type { Command, ServerPlace, ServerPlan } from "./server-plan.ts";

export type MysqlOptions = {
  /** Parameters of the server that come last, such as `--wait-timeout=5`. */
  settings?: readonly string[];
};

/** What MySQL servers have beside what all have. */
export type MysqlExtra = {
  /** Makes an empty database; resolves with its address, for MYSQL_URL. */
  createDatabase(name: string): Promise<string>;
};

const DATABASE = "parley";
/** The user may do everything, so that tests can kill its connections and make users who may less. */
const FIRST_STATEMENTS = `
CREATE DATABASE IF NOT EXISTS ${DATABASE};
CREATE USER IF NOT EXISTS 'parley'@'%' IDENTIFIED BY 'parley';
GRANT ALL PRIVILEGES ON *.* TO 'parley'@'%' WITH GRANT OPTION;
`;
/** What a commit promises stays as it is by default; the rest is what makes a small server start and answer fast. */
const SETTINGS = [
  "--character-set-server=utf8mb4",
  "--innodb-flush-log-at-trx-commit=1",
  "--innodb-buffer-pool-size=128M",
  "--max-connections=500",
  "--performance-schema=OFF",
  "--skip-log-bin",
  "--skip-name-resolve",
  "--loose-mysqlx=OFF",
];

function initialization(path: string, about: string, data: string): Command {
  if (!about.includes("MariaDB")) {
    return { program: path, parameters: ["--no-defaults", "--initialize-insecure", `--datadir=${data}`] };
  }
  const parameters = ["--no-defaults", `--datadir=${data}`, "--auth-root-authentication-method=normal"];
  return { program: "mariadb-install-db", parameters: [...parameters, "--skip-test-db"] };
}

async function query(url: string, statement: string): Promise<void> {
  const connection = await createConnection({ uri: url, connectTimeout: 1_000 });
  try {
    await connection.query(statement);
  } finally {
    connection.destroy();
  }
}

/** A MySQL or MariaDB of its own, with an empty database and a user who may do everything; its data is in `data`. */
export async function planMysql(
  { folder, port }: ServerPlace,
  { path, about }: FoundProgram,
  { settings = [] }: MysqlOptions,
): Promise<ServerPlan<MysqlExtra>> {
  const [data, first] = [join(folder, "data"), join(folder, "first.sql")];
  await writeFile(first, FIRST_STATEMENTS);
  const addressOf = (database: string) => `mysql://parley:parley@127.0.0.1:${port}/${database}`;
  const url = addressOf(DATABASE);
  const files = [`--datadir=${data}`, `--tmpdir=${join(folder, "tmp")}`, `--socket=${join(folder, "mysql.sock")}`];
  const own = [...files, `--pid-file=${join(folder, "mysql.pid")}`, `--init-file=${first}`];
  const network = ["--bind-address=127.0.0.1", `--port=${port}`];
  return {
    url,
    preparations: [initialization(path, about, data)],
    command: { program: path, parameters: ["--no-defaults", ...own, ...network, ...SETTINGS, ...settings] },
    answers: async () => query(url, "SELECT 1").then(() => true),
    extra: {
      createDatabase: async (name) => {
        await query(url, `CREATE DATABASE \`${name}\``);
        return addressOf(name);
      },
    },
  };
}
