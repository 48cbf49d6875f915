import { createLog } from "../services/observability/log.ts";
import { runProcess } from "../services/process/run-process.ts";
import { loadEnvironment } from "../services/settings/environment.ts";
import { readSettings } from "../services/settings/settings.ts";
import { startEdge } from "./edge.ts";

await runProcess(async () => {
  const settings = readSettings(loadEnvironment());
  const log = createLog(settings).child({ role: "edge" });
  const { address, privateAddress, becameReady, stop } = await startEdge(settings, log);
  const announce = () => {
    log.info({ address, privateAddress }, "listening");
    void becameReady.then(() => log.info({ address, privateAddress }, "ready"));
  };
  return { log, announce, stop, stopTimeoutMs: settings.SHUTDOWN_TIMEOUT };
});
