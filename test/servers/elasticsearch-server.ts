import { access, mkdir, readdir, realpath, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type FoundProgram, locate, programFolders } from "./host/program.ts";
import type { ServerPlace, ServerPlan } from "./server-plan.ts";

export type ElasticsearchOptions = {
  /** Lines of elasticsearch.yml that come last. */
  settings?: readonly string[];
  /** Whether it is measured: then it is run as in production, with the optimizing compiler, and starts more slowly. */
  isMeasured?: boolean;
};

/** Without the optimizing compiler it starts with half the work. */
const QUICK_START = "-XX:TieredStopAtLevel=1";
const QUICK_OPTIONS = ["-Xms512m", "-Xmx512m", "-XX:+UseSerialGC", QUICK_START];
const MEASURED_OPTIONS = ["-Xms1g", "-Xmx1g", "-XX:+UseG1GC"];
const LOGGING = `
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
`;

/** The folder into which a distribution was unpacked, of its `bin/elasticsearch`. */
async function homeOf(program: string): Promise<string> {
  return dirname(dirname(await realpath(program)));
}

/** The version of a distribution, without starting its Java, which takes seconds. */
export async function readElasticsearchVersion(program: string): Promise<string> {
  const names = await readdir(join(await homeOf(program), "lib"));
  const [jar = ""] = names.filter((name) => /^elasticsearch-\d/.test(name));
  return jar.replace("elasticsearch-", "Version: ");
}

/** What names the Java to use, where the distribution brings none. */
async function javaEnvironment({ path, isInImage }: FoundProgram): Promise<Record<string, string>> {
  if (isInImage) return {};
  const own = join(await homeOf(path), "jdk");
  const bundled = await access(own).then(
    () => true,
    () => false,
  );
  const [java] = bundled ? [] : await locate("java", programFolders(process.env));
  return java ? { ES_JAVA_HOME: dirname(dirname(await realpath(java))) } : {};
}

async function writeConfiguration(
  folder: string,
  settings: readonly string[],
  javaOptions: readonly string[],
): Promise<void> {
  await mkdir(folder);
  await writeFile(join(folder, "elasticsearch.yml"), `${settings.join("\n")}\n`);
  await writeFile(join(folder, "jvm.options"), `${javaOptions.join("\n")}\n`);
  await writeFile(join(folder, "log4j2.properties"), LOGGING);
}

/** An Elasticsearch of its own, one node without security. It does not run as root. */
export async function planElasticsearch(
  { folder, port }: ServerPlace,
  program: FoundProgram,
  { settings = [], isMeasured = false }: ElasticsearchOptions,
): Promise<ServerPlan<object>> {
  const url = `http://127.0.0.1:${port}`;
  const configuration = join(folder, "config");
  const javaOptions = [...(isMeasured ? MEASURED_OPTIONS : QUICK_OPTIONS), `-Djava.io.tmpdir=\${ES_TMPDIR}`];
  const lines = [
    "discovery.type: single-node",
    'network.host: "127.0.0.1"',
    `http.port: ${port}`,
    "transport.port: 0",
    `path.data: "${join(folder, "data")}"`,
    `path.logs: "${join(folder, "logs")}"`,
    "xpack.security.enabled: false",
    "cluster.routing.allocation.disk.threshold_enabled: false",
    ...settings,
  ];
  await writeConfiguration(configuration, lines, javaOptions);
  const java = await javaEnvironment(program);
  return {
    url,
    preparations: [],
    command: {
      program: program.path,
      parameters: [],
      environment: {
        ...java,
        ES_PATH_CONF: configuration,
        ES_TMPDIR: join(folder, "tmp"),
        CLI_JAVA_OPTS: `${QUICK_START} -XX:-UsePerfData -Djava.io.tmpdir=${join(folder, "tmp")}`,
      },
    },
    answers: async () =>
      (await fetch(`${url}/_cluster/health?wait_for_status=yellow&timeout=1s`, { signal: AbortSignal.timeout(3_000) }))
        .ok,
    extra: {},
  };
}
