import { z } from "zod";
import { origins } from "./origins.ts";
import { proxies } from "./proxies.ts";
import { flag, integer, place, wholeNumber } from "./setting-types.ts";

/** Where calls come in, and from whom. */
export const SERVING_SETTINGS = {
  HOST: z.string().min(1).default("127.0.0.1"),
  PORT: integer(8080, 0, 65_535),
  GRPC_PORT: integer(50_051, 0, 65_535),
  PRIVATE_HOST: z.string().min(1).default("127.0.0.1"),
  PRIVATE_PORT: wholeNumber(0, 65_535).optional(),
  DOCS: place(),
  METRICS: place(),
  REFLECTION: flag(true),
  TLS_CERT_FILE: z.string().min(1).optional(),
  TLS_KEY_FILE: z.string().min(1).optional(),
  CORS_ORIGINS: origins(),
  TRUST_PROXY: proxies(),
  TRUST_EDGE: proxies("loopback,linklocal,uniquelocal"),
};
