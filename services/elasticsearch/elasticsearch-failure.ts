import { errors } from "@elastic/elasticsearch";

/** A request to Elasticsearch failed. It holds nothing of the request, in which there are messages. */
export class ElasticsearchFailure extends Error {
  /** The HTTP status; undefined where there was no answer. */
  readonly status: number | undefined;
  /** Elasticsearch's word for what happened, such as `index_not_found_exception`. */
  readonly type: string | undefined;

  constructor(message: string, { status, type }: { status?: number | undefined; type?: string | undefined } = {}) {
    super(message);
    this.name = "ElasticsearchFailure";
    this.status = status;
    this.type = type;
  }

  /** Whether the index or alias does not exist. */
  isIndexMissing(): boolean {
    return this.type === "index_not_found_exception";
  }

  /** Whether the same request may succeed later: the cluster is busy, or a part of it is away. */
  isPassing(): boolean {
    return this.status === undefined || this.status === 429 || this.status >= 500;
  }
}

/** The answer to a request; rejects with ElasticsearchFailure where that fails, and as the signal does where it aborts. */
export async function answered<T>(request: Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await request;
  } catch (error) {
    signal?.throwIfAborted();
    throw toFailure(error);
  }
}

function toFailure(error: unknown): unknown {
  if (error instanceof errors.ResponseError) {
    const { statusCode, body } = error;
    const type: unknown = body?.error?.type;
    const reason: unknown = body?.error?.reason;
    return new ElasticsearchFailure(`Elasticsearch answered ${statusCode}: ${reason ?? type ?? "no reason given"}`, {
      status: statusCode,
      type: typeof type === "string" ? type : undefined,
    });
  }
  if (error instanceof errors.ElasticsearchClientError) {
    return new ElasticsearchFailure(`Elasticsearch did not answer: ${error.message}`);
  }
  return error;
}
