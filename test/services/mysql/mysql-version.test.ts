import { expect, test } from "vitest";
import { checkMysqlVersion } from "../../../services/mysql/mysql-version.ts";

test.each(["8.4.0", "8.4.3-log", "9.1.0", "10.11.6-MariaDB-log", "11.4.2-MariaDB"])("%s is new enough", (version) => {
  expect(() => checkMysqlVersion(version)).not.toThrow();
});

test.each(["5.7.44", "8.0.40", "8.3.0", "10.6.18-MariaDB", "5.5.68-MariaDB", "unknown"])("%s is too old", (version) => {
  expect(() => checkMysqlVersion(version)).toThrow(
    `the server at MYSQL_URL is of version ${version}; use MySQL 8.4 or MariaDB 10.11, or a newer one`,
  );
});
