import { ElasticsearchFailure } from "../elasticsearch/elasticsearch-failure.ts";
import { IndexVersionError } from "./elasticsearch-index-generations.ts";
import { SearchIndexError } from "./search-index.ts";

/** The outcome of work on the cluster; its failure as the port has it. */
export async function asSearchIndexFailure<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ElasticsearchFailure || error instanceof IndexVersionError) throw new SearchIndexError(error);
    throw error;
  }
}
