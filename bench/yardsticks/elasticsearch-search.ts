/**
 * The search body of the design, sent straight to Elasticsearch: a `bool` with the filter `term chat`, routed, and for each
 * word a `must` of `match`, `prefix` or `wildcard *word*`, highlighted, sorted by score. Its index has what that needs:
 * the texts by the standard analyzer with `index_prefixes`, in whose terms a wildcard looks, and the texts themselves.
 */

/** A document as it is searched here. */
export type YardstickDocument = { chat: string; number: number; author: string; createTimeMs: number; body: string };

const MAPPINGS = {
  dynamic: "strict",
  _routing: { required: true },
  properties: {
    chat: { type: "keyword" },
    number: { type: "integer" },
    author: { type: "keyword" },
    create_time: { type: "date" },
    body: { type: "text", analyzer: "standard", index_prefixes: {} },
  },
};

const DOCUMENTS_A_REQUEST = 2_000;

/** Characters that mean something in a wildcard. */
const WILDCARDS = /[\\*?]/g;

type Answer = { hits: { hits: { _source: { number: number } }[] } };

async function send(url: string, method: string, body?: string): Promise<object> {
  const answer = await fetch(url, { method, headers: { "content-type": "application/json" }, body });
  if (!answer.ok) throw new Error(`${method} ${url} was answered with ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as object;
}

/** An index of documents. */
export class YardstickIndex {
  readonly #url: string;

  /** @param serverUrl of Elasticsearch */
  constructor(serverUrl: string, name: string) {
    this.#url = `${serverUrl}/${name}`;
  }

  /** Makes it, empty. It has one shard, as Parley's has. */
  async create(): Promise<void> {
    await send(this.#url, "PUT", JSON.stringify({ settings: { number_of_replicas: 0 }, mappings: MAPPINGS }));
  }

  /** Stores documents in bulk. */
  async fill(documents: readonly YardstickDocument[]): Promise<void> {
    for (let start = 0; start < documents.length; start += DOCUMENTS_A_REQUEST) {
      const lines = documents.slice(start, start + DOCUMENTS_A_REQUEST).map(linesOf);
      const answer = (await send(`${this.#url}/_bulk`, "POST", lines.join(""))) as { errors: boolean };
      if (answer.errors) throw new Error("Elasticsearch refused documents of the yardstick");
    }
  }

  /** Makes what was stored one segment, in which a wildcard looks at each term once. */
  async merge(): Promise<void> {
    await send(`${this.#url}/_refresh`, "POST");
    await send(`${this.#url}/_forcemerge?max_num_segments=1`, "POST");
  }

  /** The numbers of what a search finds. */
  async search(chat: string, body: string): Promise<number[]> {
    const answer = (await send(this.searchUrl(chat), "POST", body)) as Answer;
    return answer.hits.hits.map(({ _source }) => _source.number);
  }

  /** Where its searches in a chat go. */
  searchUrl(chat: string): string {
    return `${this.#url}/_search?routing=${encodeURIComponent(chat)}`;
  }

  async delete(): Promise<void> {
    await send(this.#url, "DELETE");
  }
}

function linesOf({ chat, number, author, createTimeMs, body }: YardstickDocument): string {
  const action = { index: { _id: `${chat}/${number}`, routing: chat } };
  return `${JSON.stringify(action)}\n${JSON.stringify({ chat, number, author, create_time: createTimeMs, body })}\n`;
}

/** The body of a search for a word in a chat, in which `must` is what follows from the word alone. */
export function searchBodyOf(chat: string, word: string, size: number): { body: string; must: string } {
  const must = JSON.stringify([wordQuery(word)]);
  const rest = {
    size,
    sort: ["_score", { number: "desc" }],
    track_total_hits: false,
    highlight: { encoder: "html", fields: { body: { number_of_fragments: 1, fragment_size: 160 } } },
  };
  const query = `{"bool":{"filter":[${JSON.stringify({ term: { chat } })}],"must":${must}}}`;
  return { body: `{"query":${query},${JSON.stringify(rest).slice(1)}`, must };
}

function wordQuery(word: string): object {
  const wildcard = { value: `*${word.replace(WILDCARDS, "\\$&")}*`, case_insensitive: true };
  const should = [
    { match: { body: word } },
    { prefix: { body: { value: word.toLowerCase() } } },
    { wildcard: { body: wildcard } },
  ];
  return { bool: { should, minimum_should_match: 1 } };
}
