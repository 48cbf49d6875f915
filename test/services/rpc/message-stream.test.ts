import { describe, expect, test, vi } from "vitest";
import { MessageStream, mapMessages, readSingle } from "../../../services/rpc/message-stream.ts";
import { readAll } from "./read-all.ts";

async function* each<T>(...values: T[]): AsyncGenerator<T> {
  yield* values;
}

/** Gives nothing until it is closed, and not even then. */
function stuck() {
  const close = vi.fn(async () => ({ done: true as const, value: undefined }));
  const source = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}), return: close }) };
  return { source, close };
}

describe("MessageStream", () => {
  test("gives the messages of its source and tells of its end once", async () => {
    const onEnd = vi.fn();
    const stream = new MessageStream(each(1, 2), new AbortController().signal, onEnd);
    expect(await readAll(stream)).toEqual([1, 2]);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(onEnd.mock.calls).toEqual([[undefined]]);
  });

  test("rejects all that wait when the signal aborts, and closes the source", async () => {
    const abort = new AbortController();
    const { source, close } = stuck();
    const stream = new MessageStream(source, abort.signal);
    const waiting = [stream.next(), stream.next()];
    abort.abort("reason");
    for (const each of waiting) await expect(each).rejects.toBe("reason");
    await expect(stream.next()).rejects.toBe("reason");
    expect(close).toHaveBeenCalledOnce();
  });

  test("rejects when the signal had aborted before", async () => {
    const { source, close } = stuck();
    await expect(new MessageStream(source, AbortSignal.abort("early")).next()).rejects.toBe("early");
    expect(close).toHaveBeenCalledOnce();
  });

  test("throws what onEnd makes of an error, also of a source that throws at once", async () => {
    const source = {
      [Symbol.asyncIterator]: () => ({
        next(): Promise<IteratorResult<number>> {
          throw new Error("at once");
        },
      }),
    };
    const onEnd = vi.fn(() => "mapped");
    const stream = new MessageStream(source, new AbortController().signal, onEnd);
    await expect(stream.next()).rejects.toBe("mapped");
    expect(onEnd).toHaveBeenCalledOnce();
  });

  test("closed by its reader, it ends and listens no more", async () => {
    const abort = new AbortController();
    const { source, close } = stuck();
    const onEnd = vi.fn();
    const stream = new MessageStream(source, abort.signal, onEnd);
    await stream.return();
    abort.abort();
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect([close.mock.calls.length, onEnd.mock.calls]).toEqual([1, [[undefined]]]);
  });
});

describe("mapMessages", () => {
  test("changes each and closes its source at once", async () => {
    expect(await readAll(mapMessages(each(1, 2), (n) => n * 2))).toEqual([2, 4]);
    const { source, close } = stuck();
    const iterator = mapMessages(source, () => 0)[Symbol.asyncIterator]();
    void iterator.next();
    await iterator.return?.();
    expect(close).toHaveBeenCalledOnce();
  });
});

test("readSingle takes exactly one", async () => {
  expect(await readSingle(each("a"))).toBe("a");
  await expect(readSingle(each())).rejects.toThrow("no");
  await expect(readSingle(each("a", "b"))).rejects.toThrow("more than one");
});
