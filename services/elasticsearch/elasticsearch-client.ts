import { Client, Transport } from "@elastic/elasticsearch";
import { readAuthority } from "../settings/authority.ts";
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
 * A client for the cluster at ELASTICSEARCH_URL.
 *
 * @throws SettingsError where the file of ELASTICSEARCH_TLS_CA_FILE cannot be read or is no certificate
 */
export async function openElasticsearchClient(settings: ElasticsearchSettings): Promise<Client> {
  const ca = await readAuthority(settings, "ELASTICSEARCH_TLS_CA_FILE");
  return createElasticsearchClient(settings.ELASTICSEARCH_URL, ca);
}

/**
 * A client for a cluster. It connects when it is used, so it can be made while no node is up. All requests that Parley
 * makes can be sent again without harm.
 *
 * @param ca authority of the nodes' certificates; by default any that Node trusts
 */
export function createElasticsearchClient(nodes: string[], ca?: Buffer): Client {
  return new Client({
    Transport: PromptTransport,
    nodes,
    tls: ca && { ca },
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
