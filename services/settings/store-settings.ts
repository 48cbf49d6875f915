import { z } from "zod";
import { address, addresses, addressWithoutUser, hosts } from "./addresses.ts";
import { integer } from "./setting-types.ts";

/** Where data is: the folder, or the servers and the api. */
export const STORE_SETTINGS = {
  DATA_DIR: z.string().min(1).default("./data"),
  INSTALLATION: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/, "must be 1 to 32 lower-case letters, digits and hyphens, a letter first")
    .default("parley"),
  MYSQL_URL: address("mysql"),
  MYSQL_POOL_MAX: integer(10, 2, 1_000),
  MYSQL_TLS_CA_FILE: z.string().min(1).optional(),
  REDIS_URL: address("redis", "rediss").refine(
    (text) => text === undefined || /^\/?\d{0,4}$/.test(new URL(text).pathname),
    "must end with the number of a database, if with anything, as in redis://host:6379/0",
  ),
  REDIS_SENTINELS: hosts(),
  REDIS_SENTINEL_NAME: z.string().min(1).default("mymaster"),
  REDIS_TLS_CA_FILE: z.string().min(1).optional(),
  NATS_URL: addresses("nats", "tls"),
  NATS_CREDENTIALS_FILE: z.string().min(1).optional(),
  NATS_TLS_CA_FILE: z.string().min(1).optional(),
  NATS_MONITOR_URL: addressWithoutUser("http", "https"),
  NATS_REPLICAS: integer(1, 1, 5).refine((copies) => copies % 2 === 1, "must be 1, 3 or 5"),
  ELASTICSEARCH_URL: addresses("http", "https"),
  ELASTICSEARCH_TLS_CA_FILE: z.string().min(1).optional(),
  API_ADDRESSES: hosts(),
  API_TLS_CA_FILE: z.string().min(1).optional(),
};
