import { chatKey } from "../../services/search/search-changes.ts";
import type { BenchCase, BenchContext, CaseResult } from "../bench-case.ts";
import { checkSearches, scanTexts } from "../check/scanned-searches.ts";
import { ratioAtLeast } from "../goals.ts";
import { openSearchedParley } from "../installation/searched-parley.ts";
import { USUAL_LOAD } from "../load/grpc-load.ts";
import { type Load, runH2load, sampleH2load } from "../load/h2load.ts";
import { searchLoad } from "../load/search-load.ts";
import { turnBody } from "../load/turning-body.ts";
import { compare } from "../measure/compare.ts";
import { percentile } from "../measure/percentile.ts";
import { warmUp } from "../measure/warm-up.ts";
import { SEARCHED_CHAT, SearchedTexts } from "../seed/searched-texts.ts";
import { searchBodyOf, YardstickIndex } from "../yardsticks/elasticsearch-search.ts";

const [MESSAGES, IN_CHAT] = [1_000_000, 100_000];
/** What is looked for, in turn: parts of so many words, so long. */
const [INFIXES, INFIX_LENGTH] = [400, 5];
const PAGE_SIZE = 20;
/** Parley asks for one more, so that it knows whether a page follows. */
const HITS = PAGE_SIZE + 1;
/** Of how many searches it is checked what they find. */
const CHECKED = 40;
/** Sent to both sides before anything is measured, as often as it takes Elasticsearch to compile what it runs. */
const WARM_UP = 1_000;
/** Searches one after the other, which tell how long one takes by itself. */
const ALONE = 200;

/** The design's search body, sent for one word after the other to its own index. */
async function bareLoad(index: YardstickIndex, chat: string, words: readonly string[]) {
  const searches = words.map((word) => searchBodyOf(chat, word, HITS));
  const body = await turnBody(
    Buffer.from(searches[0]!.body),
    searches.map(({ must }) => must),
  );
  // As many under way as at Parley: HTTP/1.1 has one a connection.
  const [connections, streams] = [USUAL_LOAD.connections * USUAL_LOAD.streams, 1];
  const headers = { "content-type": "application/json" };
  const load: Load = {
    urls: [index.searchUrl(chat)],
    headers,
    bodyFile: body.path,
    connections,
    streams,
    isHttp1: true,
  };
  return { load, close: () => body.close() };
}

async function checkYardstick(index: YardstickIndex, chat: string, scanned: ReadonlyMap<string, readonly number[]>) {
  for (const [word, numbers] of scanned) {
    const found = await index.search(chat, searchBodyOf(chat, word, HITS).body);
    const isRight =
      found.length === Math.min(HITS, numbers.length) && found.every((number) => numbers.includes(number));
    if (!isRight) throw new Error(`'${word}' is in ${numbers}, and the yardstick finds ${found}`);
  }
}

/** The median of searches of which one is under way at a time, in milliseconds. */
async function timeAlone(load: Load, count: number): Promise<number> {
  const { timesMs } = await runH2load({ ...load, connections: 1, streams: 1 }, count);
  return percentile(timesMs, 0.5);
}

/** A side under load, and the CPU of which processes that takes. */
type Side = { load: Load; pids: Record<string, number> };

/** Sends to both sides in turn, as many as they answer in the time they are given. */
async function measure({ pace, tell }: BenchContext, ours: Side, theirs: Side) {
  const sample = ({ load, pids }: Side, count: number) => sampleH2load(load, count, pids);
  const count = await warmUp(pace, (searches) => sample(ours, searches), WARM_UP);
  const bareCount = await warmUp(pace, (searches) => sample(theirs, searches), WARM_UP);
  const measured = await compare({
    ...{ rounds: pace.rounds, tell },
    ours: () => sample(ours, count),
    yardstick: () => sample(theirs, bareCount),
  });
  const alone = Math.ceil(ALONE * pace.scale);
  const figures = {
    aloneMs: await timeAlone(ours.load, alone),
    yardstickAloneMs: await timeAlone(theirs.load, alone),
  };
  return { ...measured, figures };
}

/** Parley and a bare index beside it, with the same documents in one Elasticsearch. */
async function openBoth({ pace, servers, tell }: BenchContext, url: string, closing: AsyncDisposableStack) {
  const bare = new YardstickIndex(url, "yardstick");
  await bare.create();
  closing.defer(() => bare.delete());
  const texts = new SearchedTexts({ messages: MESSAGES * pace.scale, inChat: IN_CHAT * pace.scale });
  tell(`  ${MESSAGES * pace.scale} messages are stored and indexed on both sides`);
  const parley = await openSearchedParley(servers, texts, (documents) =>
    bare.fill(documents.map((document) => ({ ...document, chat: chatKey(document) }))),
  );
  closing.defer(() => parley.close());
  await bare.merge();
  return { texts, parley, bare };
}

async function runSearch(context: BenchContext): Promise<CaseResult> {
  const { pace, servers } = context;
  await using closing = new AsyncDisposableStack();
  // A smoke test takes the one that is there.
  const { url, pid } = await (pace.scale === 1
    ? servers.getWith("elasticsearch", { isMeasured: true })
    : servers.get("elasticsearch"));
  const { texts, parley, bare } = await openBoth(context, url, closing);
  const infixes = texts.pickInfixes(INFIXES, INFIX_LENGTH);
  const ours = await searchLoad(parley, infixes, PAGE_SIZE);
  closing.defer(() => ours.close());
  const chat = chatKey({ application: parley.application, chat: SEARCHED_CHAT });
  const theirs = await bareLoad(bare, chat, infixes);
  closing.defer(() => theirs.close());
  const scanned = scanTexts(texts, infixes.slice(0, CHECKED));
  await checkSearches(parley, scanned, PAGE_SIZE);
  await checkYardstick(bare, chat, scanned);
  const measured = await measure(
    context,
    { load: ours.load, pids: parley.pids },
    { load: theirs.load, pids: { elasticsearch: pid } },
  );
  return { case: "search", unit: "searches/s", ...measured };
}

/** Both indices are in one Elasticsearch and hold the same documents, each in one segment. */
export const SEARCH: BenchCase = {
  name: "search",
  about: "gRPC SearchMessages on servers, a part of a word in a chat of 100,000 messages, in an index of 1,000,000",
  yardstick: "the design's search body sent straight to Elasticsearch, to an index that suits it",
  goals: [ratioAtLeast(0.7)],
  run: runSearch,
};
