import type { Sample } from "../bench-case.ts";

/** An action and a document, as `_bulk` takes them: a line each. */
export type BulkDocument = { action: object; document: object };

/** How many documents an index has, and what their numbers add up to, by chat. */
export type IndexSums = Record<string, { documents: number; sum: number }>;

type SumAnswer = { hits: { total: { value: number } }; aggregations: { sum: { value: number } } };

/** Documents of one request. */
const DOCUMENTS = 1_000;

/** A loop of bare `_bulk` requests to Elasticsearch, over fetch. */
export class ElasticsearchBulk {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Makes an index, empty, in the place of the one of that name. */
  async create(index: string, template: object): Promise<void> {
    await this.delete(index);
    await this.#ask("PUT", index, JSON.stringify(template));
  }

  async delete(index: string): Promise<void> {
    await this.#ask("DELETE", `${index}?ignore_unavailable=true`);
  }

  /** Writes documents, one request after the other. Making their lines takes no time of the sample. */
  async write(index: string, documents: AsyncIterable<BulkDocument>): Promise<Sample> {
    let [count, milliseconds, lines] = [0, 0, [] as string[]];
    const send = async () => {
      const body = lines.join("");
      const since = performance.now();
      const { errors } = (await this.#ask("POST", `${index}/_bulk`, body)) as { errors: boolean };
      milliseconds += performance.now() - since;
      if (errors) throw new Error("Elasticsearch refused documents of the yardstick");
      count += lines.length;
      lines = [];
    };
    for await (const { action, document } of documents) {
      lines.push(`${JSON.stringify(action)}\n${JSON.stringify(document)}\n`);
      if (lines.length === DOCUMENTS) await send();
    }
    if (lines.length > 0) await send();
    return { rate: (count / milliseconds) * 1_000 };
  }

  async sums(index: string, chats: readonly string[]): Promise<IndexSums> {
    await this.#ask("POST", `${index}/_refresh`);
    const sums: IndexSums = {};
    for (const chat of chats) {
      const aggs = { sum: { sum: { field: "number" } } };
      const search = JSON.stringify({ size: 0, track_total_hits: true, query: { term: { chat } }, aggs });
      const { hits, aggregations } = (await this.#ask("POST", `${index}/_search`, search)) as SumAnswer;
      sums[chat] = { documents: hits.total.value, sum: aggregations.sum.value };
    }
    return sums;
  }

  async #ask(method: string, path: string, body?: string): Promise<unknown> {
    const headers = { "content-type": "application/x-ndjson" };
    if (body?.startsWith("{") && !path.endsWith("_bulk")) headers["content-type"] = "application/json";
    const answer = await fetch(`${this.#url}/${path}`, { method, headers, ...(body !== undefined && { body }) });
    if (!answer.ok) throw new Error(`${method} ${path} was answered with ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }
}
