import { create, fromJsonString, toJson } from "@bufbuild/protobuf";
import type { Attributes } from "sequelize";
import {
  type Application,
  ApplicationSchema,
  type RateLimits,
  RateLimitsSchema,
} from "../../gen/parley/v1/application_pb.ts";
import { formatEtag } from "../aip/etag.ts";
import { formatApplicationName } from "../aip/resource-name.ts";
import { timestampFromMillis } from "../aip/timestamp.ts";
import type { ApplicationRow } from "./application-model.ts";

/** What is answered with an application beside its row. */
export type ApplicationExtras = {
  /** Only where it was just made. */
  apiKey?: string;
  /** When the last replaced key stops working; undefined where none works. */
  previousKeyExpireTimeMs?: number;
};

/** The application that a row holds, as it is answered. */
export function applicationFromRow(
  row: Attributes<ApplicationRow>,
  { apiKey = "", previousKeyExpireTimeMs }: ApplicationExtras,
): Application {
  return create(ApplicationSchema, {
    name: formatApplicationName({ application: row.token }),
    displayName: row.displayName,
    chatsCount: row.chatsCount ?? 0,
    createTime: timestampFromMillis(row.createTime),
    updateTime: timestampFromMillis(row.updateTime),
    etag: formatEtag({ revision: row.revision, updateTimeMs: row.updateTime }),
    apiKey,
    rateLimits: row.rateLimits ? fromJsonString(RateLimitsSchema, row.rateLimits) : undefined,
    registrationClosed: row.registrationClosed === 1,
    previousApiKeyExpireTime:
      previousKeyExpireTimeMs === undefined ? undefined : timestampFromMillis(previousKeyExpireTimeMs),
  });
}

/** Limits as a row has them; null where none is set. */
export function rateLimitsToRow(limits: RateLimits | undefined): string | null {
  return limits === undefined ? null : textOf(limitsJson(limits));
}

/** The paths of the single limits in a mask. */
export const RATE_LIMIT_PATHS: readonly string[] = RateLimitsSchema.fields.map(({ name }) => `rate_limits.${name}`);

/** Limits as a row is to have them where those of some paths are set anew, and the others stay. */
export function mergeRateLimits(
  row: string | null,
  limits: RateLimits | undefined,
  paths: readonly string[],
): string | null {
  const stored = JSON.parse(row ?? "{}") as Record<string, unknown>;
  const given = limits === undefined ? {} : limitsJson(limits);
  for (const { name, jsonName } of RateLimitsSchema.fields) {
    if (paths.includes(`rate_limits.${name}`)) stored[jsonName] = given[jsonName];
  }
  return textOf(stored);
}

function limitsJson(limits: RateLimits): Record<string, unknown> {
  return toJson(RateLimitsSchema, limits) as Record<string, unknown>;
}

/** Null where none is set. */
function textOf(limits: Record<string, unknown>): string | null {
  const text = JSON.stringify(limits);
  return text === "{}" ? null : text;
}
