import type { BenchCase, BenchContext, CaseResult } from "../bench-case.ts";
import { PersistedMessages } from "../check/persisted-messages.ts";
import { checkSearches, scanTexts } from "../check/scanned-searches.ts";
import { ratioAtMost } from "../goals.ts";
import { openSearchedParley } from "../installation/searched-parley.ts";
import { type GrowthLoads, growthLoads } from "../load/growth-loads.ts";
import { GROWN_CHAT, OPERATIONS, type Operation } from "../load/growth-requests.ts";
import { USUAL_LOAD } from "../load/grpc-load.ts";
import { median } from "../measure/percentile.ts";
import { SearchedTexts } from "../seed/searched-texts.ts";

const LEAST = 10_000;
const USUAL_MOST = 1_000_000;
const STEP = 10;
/** In the chat that is searched, of the least number of messages. */
const CHAT_SHARE = 0.1;
/** Different words and numbers that are asked for in turn. */
const TURNING = 50;
const INFIX_LENGTH = 5;
const CHECKED = 10;
/**
 * Of each kind at each size in a round, per second of the pace: few, so that the rounds are many, and that what is
 * created does not become more than there was.
 */
const COUNT_PER_SECOND: Record<Operation, number> = {
  create: 200,
  "get recent": 600,
  "get old": 600,
  "list recent": 300,
  "list old": 300,
  search: 60,
  "search grown": 60,
};
const WARM_UPS = 3;
/** The rounds are short, so there are more of them. */
const ROUNDS_FACTOR = 3;

/** What looks through more matches takes longer: it is told, and not held against the goal. */
const NOT_JUDGED: Operation = "search grown";

type Size = { messages: number; loads: GrowthLoads; stored: PersistedMessages };
/** Seconds that one operation took, by kind, size by size. */
type Times = Record<Operation, number[]>;

/**
 * 10⁴, 10⁵ … up to BENCH_GROWTH_MAX, 10⁶ by default.
 *
 * @throws where that is no number of 10⁵ or more
 */
function sizesOf(scale: number): number[] {
  const given = process.env.BENCH_GROWTH_MAX;
  const most = Number(given ?? USUAL_MOST);
  if (!(most >= LEAST * STEP)) throw new Error(`BENCH_GROWTH_MAX is '${given}': it must be a number of 100000 or more`);
  const sizes: number[] = [];
  for (let size = LEAST; size <= most; size *= STEP) sizes.push(Math.round(size * Math.max(scale, 0.1)));
  return scale < 1 ? sizes.slice(0, 2) : sizes;
}

async function openSize(
  { servers, tell }: BenchContext,
  { messages, inChat }: { messages: number; inChat: number },
  closing: AsyncDisposableStack,
): Promise<Size> {
  tell(`  ${messages} messages are stored and indexed`);
  const texts = new SearchedTexts({ messages, inChat });
  const parley = await openSearchedParley(servers, texts);
  closing.defer(() => parley.close());
  const infixes = texts.pickInfixes(TURNING, INFIX_LENGTH);
  await checkSearches(parley, scanTexts(texts, infixes.slice(0, CHECKED)), CHECKED);
  const loads = await growthLoads(parley, {
    words: infixes,
    grownWords: texts.pickInfixes(TURNING, INFIX_LENGTH, GROWN_CHAT),
    numbers: texts.pickNumbers(TURNING, GROWN_CHAT),
  });
  return { messages, loads, stored: new PersistedMessages(parley.mysqlUrl) };
}

/** One round: each operation at each size, one size after the other, so that what disturbs the machine meets all. */
async function runRound(sizes: readonly Size[], seconds: number): Promise<Times> {
  const times = {} as Times;
  for (const operation of OPERATIONS) {
    const count = USUAL_LOAD.connections * Math.ceil((COUNT_PER_SECOND[operation] * seconds) / USUAL_LOAD.connections);
    times[operation] = [];
    for (const { loads } of sizes) times[operation].push(await loads.time(operation, count));
  }
  return times;
}

function describe(sizes: readonly Size[], times: Times): string {
  const each = OPERATIONS.map((operation) => {
    const [first] = times[operation];
    return `${operation} ${times[operation].map((time) => (time / first!).toFixed(2)).join(" ")}`;
  });
  return `  × the time at ${sizes[0]!.messages}: ${each.join(", ")}`;
}

/** How much longer each operation takes at each size than at the first; the medians of the rounds' own ratios. */
function growthOf(sizes: readonly Size[], rounds: readonly Times[]): Record<string, number> {
  const entries = sizes.slice(1).flatMap(({ messages }, place) =>
    OPERATIONS.map((operation) => {
      const ratios = rounds.map((times) => times[operation][place + 1]! / times[operation][0]!);
      return [`${operation}, ${messages} messages`, median(ratios)] as const;
    }),
  );
  return Object.fromEntries(entries);
}

async function runGrowth(context: BenchContext): Promise<CaseResult> {
  const { pace, servers, tell } = context;
  const wanted = sizesOf(pace.scale);
  await using closing = new AsyncDisposableStack();
  if (pace.scale === 1) {
    await servers.getWith("elasticsearch", { isMeasured: true });
    await servers.getWith("mysql", { settings: ["--innodb-buffer-pool-size=1G"] });
  }
  const sizes: Size[] = [];
  const inChat = wanted[0]! * CHAT_SHARE;
  for (const messages of wanted) sizes.push(await openSize(context, { messages, inChat }, closing));
  for (let warmUp = 0; warmUp < WARM_UPS * pace.scale; warmUp++) await runRound(sizes, pace.seconds);
  const rounds: Times[] = [];
  for (let round = 0; round < pace.rounds * Math.ceil(ROUNDS_FACTOR * pace.scale); round++) {
    const times = await runRound(sizes, pace.seconds);
    tell(describe(sizes, times));
    rounds.push(times);
  }
  for (const { messages, loads, stored } of sizes) {
    await stored.reached(messages + loads.created());
    await stored.check(messages + loads.created());
  }
  const figures = growthOf(sizes, rounds);
  const judged = Object.entries(figures).filter(([name]) => !name.startsWith(NOT_JUDGED));
  const ratios = judged.map(([, ratio]) => ratio);
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)];
  const unit = `× the time at ${sizes[0]!.messages} messages, of what grows the most`;
  return { case: "growth", unit, ours: most, ratio: most, spread: { ours: [least, most] }, figures };
}

/** Each size is an installation of its own, on the same servers, and all of them are there at the same time. */
export const GROWTH: BenchCase = {
  name: "growth",
  about: "gRPC creates, gets, lists and searches on servers with 10⁴, 10⁵ and 10⁶ messages (BENCH_GROWTH_MAX)",
  yardstick: "itself at 10⁴",
  goals: [ratioAtMost(1.2)],
  run: runGrowth,
};
