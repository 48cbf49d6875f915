import { type ElasticsearchOptions, planElasticsearch, readElasticsearchVersion } from "./elasticsearch-server.ts";
import type { ProgramRequirement } from "./host/program.ts";
import { type MysqlExtra, type MysqlOptions, planMysql } from "./mysql-server.ts";
import { type NatsExtra, type NatsOptions, planNats } from "./nats-server.ts";
import { planRedis, type RedisOptions } from "./redis-server.ts";
import type { PlanServer } from "./server-plan.ts";

export const SERVER_KINDS = ["mysql", "redis", "nats", "elasticsearch"] as const;
export type ServerKind = (typeof SERVER_KINDS)[number];

export type OptionsByKind = {
  mysql: MysqlOptions;
  redis: RedisOptions;
  nats: NatsOptions;
  elasticsearch: ElasticsearchOptions;
};

/** What servers of a kind have beside what all have. */
export type ExtraByKind = { mysql: MysqlExtra; redis: object; nats: NatsExtra; elasticsearch: object };

/** What there is to know about a kind of server. */
export type ServerProfile<Options, Extra> = {
  /** The setting that holds its address. */
  variable: string;
  /** The programs that will do, in the order in which they are looked for. */
  programs: readonly ProgramRequirement[];
  /** Whether its programs do not run as root. */
  refusesRoot: boolean;
  plan: PlanServer<Options, Extra>;
};

export const SERVER_PROFILES: { [K in ServerKind]: ServerProfile<OptionsByKind[K], ExtraByKind[K]> } = {
  mysql: {
    variable: "MYSQL_URL",
    programs: [
      { name: "mariadbd", minimum: [10, 11] },
      { name: "mysqld", minimum: [8, 4] },
    ],
    refusesRoot: true,
    plan: planMysql,
  },
  redis: {
    variable: "REDIS_URL",
    programs: [{ name: "redis-server", minimum: [7, 0] }],
    refusesRoot: false,
    plan: planRedis,
  },
  nats: {
    variable: "NATS_URL",
    programs: [{ name: "nats-server", minimum: [2, 12] }],
    refusesRoot: false,
    plan: planNats,
  },
  elasticsearch: {
    variable: "ELASTICSEARCH_URL",
    programs: [{ name: "elasticsearch", minimum: [8, 19], readAbout: readElasticsearchVersion }],
    refusesRoot: true,
    plan: planElasticsearch,
  },
};
