import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** What to answer to a write of a bulk request: a status, and where it failed what Elasticsearch calls that. */
type ItemAnswer = { status: number; type?: string };

/** What to answer to the whole request instead. */
type BulkAnswer = { status: number; type: string };

/** Decides on the writes of one request, which are told by their ids. */
export type AnswerBulk = (ids: string[]) => ItemAnswer[] | BulkAnswer;

/** A server that takes bulk requests as Elasticsearch does, and answers as a test says. */
export class BulkServer {
  /** The ids of each request. */
  readonly requests: string[][] = [];
  readonly #server = createServer(async (request, response) => {
    const ids = await idsOf(request);
    this.requests.push(ids);
    const { status, body } = render(ids, this.#answer(ids));
    response.writeHead(status, { "content-type": "application/json", "x-elastic-product": "Elasticsearch" });
    response.end(JSON.stringify(body));
  });
  readonly #answer: AnswerBulk;

  constructor(answer: AnswerBulk) {
    this.#answer = answer;
  }

  /** @returns its URL */
  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

async function idsOf(request: IncomingMessage): Promise<string[]> {
  const lines = (await text(request)).trimEnd().split("\n");
  return lines.flatMap((line) => {
    const { index, delete: deletion } = JSON.parse(line);
    return (index ?? deletion)?._id ?? [];
  });
}

function render(ids: string[], answer: ItemAnswer[] | BulkAnswer): { status: number; body: object } {
  if (!Array.isArray(answer))
    return { status: answer.status, body: { status: answer.status, error: { type: answer.type } } };
  const items = answer.map(({ status, type }, place) => ({
    index: { _id: ids[place], status, ...(type !== undefined && { error: { type, reason: "" } }) },
  }));
  return { status: 200, body: { took: 1, errors: answer.some(({ type }) => type !== undefined), items } };
}
