import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { createElasticsearchClient } from "../../../services/elasticsearch/elasticsearch-client.ts";
import { ElasticsearchSearchIndex } from "../../../services/search/elasticsearch-search-index.ts";
import { describeSearchIndex } from "./search-index-contract.ts";

const ELASTICSEARCH_URL = [process.env.ELASTICSEARCH_URL!];

describeSearchIndex("Elasticsearch", async () => {
  const client = createElasticsearchClient({ ELASTICSEARCH_URL });
  const installation = `t${randomUUID().slice(0, 8)}`;
  return new ElasticsearchSearchIndex({ client, installation, log: pino({ level: "error" }), refresh: true });
});
