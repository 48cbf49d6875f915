/** What the banner tells. */
export type BannerFacts = {
  address: string;
  grpcAddress: string;
  dataDir: string;
  /** Whether the admin key was set by the environment. */
  ownAdminKey: boolean;
};

/** The text a person sees at the start: where everything is, and a first call to paste. */
export function formatBanner({ address, grpcAddress, dataDir, ownAdminKey }: BannerFacts): string {
  const key = ownAdminKey ? "$ADMIN_KEY" : `$(cat ${dataDir}/admin-key)`;
  return `
  Parley is ready.

    REST, Connect, gRPC-Web   ${address}
    gRPC                      ${grpcAddress}
    Docs                      ${address}/docs
    Data                      ${dataDir}

  A first call:

    curl -s ${address}/v1/applications -H "Authorization: Bearer ${key}" \\
      -H 'Content-Type: application/json' -d '{"displayName": "My product"}'

`;
}

/** Prints the banner to stderr: stdout is for the log. */
export function printBanner(facts: BannerFacts): void {
  process.stderr.write(formatBanner(facts));
}
