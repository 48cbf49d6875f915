import { create, fromJsonString, toJsonString } from "@bufbuild/protobuf";
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
  const text = limits === undefined ? NONE : toJsonString(RateLimitsSchema, limits);
  return text === NONE ? null : text;
}

/** What limits of which none is set are in JSON. */
const NONE = "{}";
