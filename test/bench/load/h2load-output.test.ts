import { describe, expect, test } from "vitest";
import { readSeconds, readTimes } from "../../../bench/load/h2load-output.ts";

/** What h2load 1.52 prints at its end. */
function output({ time = "1.25s", succeeded = 4_000, failed = 0, ok = 4_000, refused = 0 } = {}): string {
  return `starting benchmark...
progress: 100% done

finished in ${time}, 3200.00 req/s, 1.10MB/s
requests: 4000 total, 4000 started, 4000 done, ${succeeded} succeeded, ${failed} failed, ${failed} errored, 0 timeout
status codes: ${ok} 2xx, 0 3xx, ${refused} 4xx, 0 5xx
traffic: 1.10MB (1153434) total, 93.75KB (96000) headers (space savings 92.31%), 0B (0) data
                     min         max         mean         sd        +/- sd
time for request:      501us     27.80ms      9.32ms      3.50ms    71.45%
`;
}

describe("what h2load prints", () => {
  test.each([
    ["1.25s", 1.25],
    ["812.34ms", 0.812_34],
    ["950us", 0.000_95],
    ["75.00s", 75],
  ])("finished in %s are %d seconds", (time, seconds) => {
    expect(readSeconds(output({ time }), 4_000)).toBeCloseTo(seconds, 9);
  });

  test.each([
    ["a request failed", output({ succeeded: 3_999, failed: 1, ok: 3_999 })],
    ["a request was refused", output({ ok: 3_999, refused: 1 })],
    ["it was killed", output().slice(0, 60)],
    ["the time has another unit", output({ time: "2h" })],
    ["it printed nothing", ""],
  ])("is an error that shows it where %s", (_what, text) => {
    const problem = "4000 requests were sent, and not all were answered with success";
    expect(() => readSeconds(text, 4_000)).toThrow(`${problem}:\n${text}`);
  });

  test("is an error where fewer were sent than asked for", () => {
    expect(() => readSeconds(output(), 5_000)).toThrow("5000 requests were sent");
  });

  test("logs microseconds, of which milliseconds come, sorted", () => {
    const log = "1700000000000001\t200\t2500\n1700000000000002\t200\t501\n1700000000000003\t200\t27800\n";
    expect([...readTimes(log)]).toEqual([0.501, 2.5, 27.8]);
  });
});
