import { existsSync } from "node:fs";
import { createLog } from "../services/observability/log.ts";
import { runProcess } from "../services/process/run-process.ts";
import { readSettings } from "../services/settings/settings.ts";
import { startEdge } from "./edge.ts";

await runProcess(async () => {
  if (existsSync(".env")) process.loadEnvFile();
  const settings = readSettings(process.env);
  const log = createLog(settings);
  const { address, privateAddress, becameReady, stop } = await startEdge(settings, log);
  const announce = () => {
    log.info({ address, privateAddress }, "listening");
    void becameReady.then(() => log.info({ role: "edge", address, privateAddress }, "ready"));
  };
  return { log, announce, stop, stopTimeoutMs: settings.SHUTDOWN_TIMEOUT };
});
