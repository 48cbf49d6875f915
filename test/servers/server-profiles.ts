import { type ElasticsearchOptions, planElasticsearch, readElasticsearchVersion } from "./elasticsearch-server.ts";
import type { ContainerImage } from "./host/docker-host.ts";
import type { ProgramRequirement } from "./host/program.ts";
import { aptPackage } from "./install/apt-package.ts";
import { goProgram } from "./install/go-program.ts";
import type { Installation } from "./install/installation.ts";
import { mavenDistribution } from "./install/maven-distribution.ts";
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
  /** What Docker runs where no program is found. */
  image: ContainerImage;
  installation: Installation;
  plan: PlanServer<Options, Extra>;
};

/** What is installed, or run in Docker. */
const NATS_VERSION = "2.15.2";
const ELASTICSEARCH_VERSION = "8.19.21";

export const SERVER_PROFILES: { [K in ServerKind]: ServerProfile<OptionsByKind[K], ExtraByKind[K]> } = {
  mysql: {
    variable: "MYSQL_URL",
    programs: [
      { name: "mariadbd", minimum: [10, 11] },
      { name: "mysqld", minimum: [8, 4] },
    ],
    refusesRoot: true,
    image: { name: "mysql:8.4", program: "mysqld", about: "Ver 8.4" },
    installation: aptPackage("mariadb-server"),
    plan: planMysql,
  },
  redis: {
    variable: "REDIS_URL",
    programs: [{ name: "redis-server", minimum: [7, 0] }],
    refusesRoot: false,
    image: { name: "redis:7.2", program: "redis-server", about: "v=7.2" },
    installation: aptPackage("redis-server"),
    plan: planRedis,
  },
  nats: {
    variable: "NATS_URL",
    programs: [{ name: "nats-server", minimum: [2, 12] }],
    refusesRoot: false,
    image: { name: `nats:${NATS_VERSION}`, program: "/nats-server", about: `v${NATS_VERSION}` },
    installation: goProgram("github.com/nats-io/nats-server/v2", "nats-server", NATS_VERSION),
    plan: planNats,
  },
  elasticsearch: {
    variable: "ELASTICSEARCH_URL",
    programs: [{ name: "elasticsearch", minimum: [8, 19], readAbout: readElasticsearchVersion }],
    refusesRoot: true,
    image: {
      name: `docker.elastic.co/elasticsearch/elasticsearch:${ELASTICSEARCH_VERSION}`,
      program: "/usr/share/elasticsearch/bin/elasticsearch",
      about: `Version: ${ELASTICSEARCH_VERSION}`,
    },
    installation: mavenDistribution(
      "org.elasticsearch.distribution.integ-test-zip",
      "elasticsearch",
      ELASTICSEARCH_VERSION,
    ),
    plan: planElasticsearch,
  },
};
