import { readFileSync } from "node:fs";
import { Client, Transport } from "@elastic/elasticsearch";
import type { Settings } from "../settings/settings.ts";

/** A request that takes longer is given up; what it asked for may still be done. */
const REQUEST_TIMEOUT_MS = 15_000;
/** Of a request that got no answer, or 502, 503 or 504; each time from another node, where there are several. */
const MAX_RETRIES = 2;

/** What a client is made of. */
export type ElasticsearchSettings = Pick<Settings, "ELASTICSEARCH_TLS_CA_FILE"> & {
  /** The nodes; user and password may be in the URL. */
  ELASTICSEARCH_URL: string[];
};

/**
 * A client for a cluster. It connects when it is used, so it can be made while no node is up. All requests that Parley
 * makes can be sent again without harm.
 *
 * @throws Error where the certificate's file cannot be read
 */
export function createElasticsearchClient({
  ELASTICSEARCH_URL,
  ELASTICSEARCH_TLS_CA_FILE,
}: ElasticsearchSettings): Client {
  return new Client({
    Transport: PromptTransport,
    nodes: ELASTICSEARCH_URL,
    tls: ELASTICSEARCH_TLS_CA_FILE === undefined ? undefined : { ca: readCertificate(ELASTICSEARCH_TLS_CA_FILE) },
    requestTimeout: REQUEST_TIMEOUT_MS,
    maxRetries: MAX_RETRIES,
  });
}

type TransportOptions = ConstructorParameters<typeof Transport>[0];

/** Turns to another node at once; by default it waits for up to two seconds first. Whoever asks again waits anyway. */
class PromptTransport extends Transport {
  constructor(options: TransportOptions) {
    super({ ...options, retryBackoff: () => 0 });
  }
}

function readCertificate(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Error(`ELASTICSEARCH_TLS_CA_FILE cannot be read: ${(error as Error).message}`);
  }
}
