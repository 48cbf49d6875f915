import { expect, test } from "vitest";
import { parseMysqlUrl } from "../../../services/mysql/mysql-address.ts";

test.each([
  [
    "mysql://parley:secret@db.example:3307/chat",
    { host: "db.example", port: 3307, user: "parley", password: "secret", database: "chat" },
  ],
  ["mysql://a%40b:%2F%3A%25@[::1]/d%C3%A9", { host: "::1", port: 3306, user: "a@b", password: "/:%", database: "dé" }],
  ["mysql://root@h/d", { host: "h", port: 3306, user: "root", password: "", database: "d" }],
])("%s", (text, address) => {
  expect(parseMysqlUrl(text)).toEqual(address);
});

test.each(["mysql://h/d", "mysql://u@h", "mysql://u@h/", "mysql://u:p@h/a/b", "mysql:d"])(
  "%s is not enough",
  (text) => {
    expect(() => parseMysqlUrl(text)).toThrow("MYSQL_URL must be like mysql://user:password@host:3306/database");
  },
);

test("parameters are refused, since they would not be heeded", () => {
  expect(() => parseMysqlUrl("mysql://u:p@h/d?ssl-mode=REQUIRED")).toThrow("MYSQL_TLS_CA_FILE");
});
