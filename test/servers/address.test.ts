import { describe, expect, test } from "vitest";
import { addressIn, environmentOf } from "./address.ts";

describe("the address of a server", () => {
  test.each([
    ["redis", { REDIS_URL: "redis://a" }, { url: "redis://a" }],
    ["nats", { NATS_URL: "nats://a", NATS_MONITOR_URL: "http://a" }, { url: "nats://a", monitorUrl: "http://a" }],
    ["nats", { NATS_URL: "nats://a" }, { url: "nats://a" }],
    ["mysql", { MYSQL_URL: "mysql://a" }, { url: "mysql://a" }],
  ] as const)("of kind %s is in an environment, and makes it", (kind, environment, address) => {
    expect(addressIn(environment, kind)).toEqual(address);
    expect(environmentOf(kind, address)).toEqual(environment);
  });

  test.each([{}, { ELASTICSEARCH_URL: "" }])("is not in %j", (environment) => {
    expect(addressIn(environment, "elasticsearch")).toBeUndefined();
  });
});
