import { afterEach, beforeEach, describe, expect, type Mock, test, vi } from "vitest";
import { type RunningRole, runProcess } from "../../../services/process/run-process.ts";

class Exit extends Error {}

let handlers: Map<string | symbol, (argument?: unknown) => void>;
let exit: Mock<(code: number) => void>;
let stderr: string;

beforeEach(() => {
  handlers = new Map();
  stderr = "";
  exit = vi.fn();
  vi.spyOn(process, "exit").mockImplementation(((code: number) => {
    exit(code);
    throw new Exit();
  }) as never);
  vi.spyOn(process, "on").mockImplementation(((event: string, handler: () => void) => {
    handlers.set(event, handler);
    return process;
  }) as never);
  vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
    stderr += chunk;
    return true;
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const log = { info: vi.fn(), fatal: vi.fn() };

async function start(stop: () => Promise<void> = async () => undefined): Promise<void> {
  const announce = () => {
    expect([...handlers.keys()]).toEqual(["SIGTERM", "SIGINT", "unhandledRejection"]);
  };
  await runProcess(async () => ({ log, announce, stop, stopTimeoutMs: 1_000 }) as unknown as RunningRole);
}

describe("a process", () => {
  test("that cannot start says why, without a stack, and ends with 1", async () => {
    const failed = runProcess(() => Promise.reject(new Error("wrong settings:\n  PORT is bad")));
    await expect(failed).rejects.toThrow(Exit);
    expect(exit).toHaveBeenCalledWith(1);
    expect(stderr).toBe("Parley cannot start: wrong settings:\n  PORT is bad\n");
  });

  test.each(["SIGTERM", "SIGINT"])("stops once at %s, and ends with 0", async (signal) => {
    let stops = 0;
    vi.mocked(process.exit).mockImplementation(((code: number) => exit(code)) as never);
    await start(async () => {
      stops++;
    });
    handlers.get(signal)!();
    handlers.get("SIGTERM")!();
    await vi.waitFor(() => expect(exit).toHaveBeenCalledWith(0));
    expect(stops).toBe(1);
  });

  test("that does not come to its end in time ends with 1", async () => {
    vi.useFakeTimers();
    vi.mocked(process.exit).mockImplementation(((code: number) => exit(code)) as never);
    await start(() => new Promise(() => undefined));
    handlers.get("SIGTERM")!();
    await vi.advanceTimersByTimeAsync(5_999);
    expect(exit).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(exit).toHaveBeenCalledWith(1);
  });

  test("ends with 1 at a rejection that nobody handled, and logs it", async () => {
    await start();
    const error = new Error("nobody thought of it");
    expect(() => handlers.get("unhandledRejection")!(error)).toThrow(Exit);
    expect(exit).toHaveBeenCalledWith(1);
    expect(log.fatal).toHaveBeenCalledWith({ err: error }, expect.any(String));
  });
});
