/** What the banner tells. */
export type BannerFacts = {
  address: string;
  grpcAddress: string;
  /** Where there is a private port. */
  privateAddress?: string | undefined;
  /** Where the docs are. */
  docsAddress?: string | undefined;
  dataDir: string;
  /** Whether the admin key was set by the environment. */
  ownAdminKey: boolean;
};

/** The text a person sees at the start: where everything is, and a first call to paste. */
export function formatBanner({ address, grpcAddress, dataDir, ownAdminKey, ...places }: BannerFacts): string {
  const hasTls = address.startsWith("https:");
  const key = ownAdminKey ? "$ADMIN_KEY" : `$(cat ${dataDir}/admin-key)`;
  const docs = places.docsAddress === undefined ? "" : `\n    Docs                      ${places.docsAddress}/docs`;
  const own = places.privateAddress === undefined ? "" : `\n    Private                   ${places.privateAddress}`;
  return `
  Parley is ready.

    REST, Connect, gRPC-Web   ${address}
    gRPC                      ${grpcAddress}${hasTls ? " with TLS" : ""}${own}${docs}
    Data                      ${dataDir}

  A first call${hasTls ? TLS_HINT : ""}:

    curl -sS ${address}/v1/applications -H "Authorization: Bearer ${key}" \\
      -H 'Content-Type: application/json' -d '{"displayName": "My product"}'

`;
}

const TLS_HINT = `, by a name that the certificate is for; where curl does not know who signed it, with --cacert and the
  file of TLS_CERT_FILE, or of the authority`;

/** Prints the banner to stderr: stdout is for the log. */
export function printBanner(facts: BannerFacts): void {
  process.stderr.write(formatBanner(facts));
}
