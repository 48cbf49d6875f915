import { isMainThread, Worker } from "node:worker_threads";

// Preloaded into a process: SIGUSR2 then ends every thread that it has been given work, as a defect of SQLite would.
if (isMainThread) {
  const workers = new Set<Worker>();
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (this: Worker, ...message: Parameters<Worker["postMessage"]>) {
    workers.add(this);
    return post.apply(this, message);
  };
  process.on("SIGUSR2", () => {
    for (const worker of workers) void worker.terminate();
  });
}
