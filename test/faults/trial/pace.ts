/** How long things last: as in earnest, or so that many cases fit into a test. */
export type Pace = {
  /** How long a fault lasts that lasts so many milliseconds in earnest. */
  scale(ms: number): number;
  /** Settings that make roles wait as much shorter. */
  environment: Readonly<Record<string, string>>;
};

export const IN_EARNEST: Pace = { scale: (ms) => ms, environment: {} };

const SHORTER = 5;

export const SHORT: Pace = {
  scale: (ms) => ms / SHORTER,
  environment: { PUBLISH_TIMEOUT: "1s", EPOCH_WAIT: "400ms", LEASE_TTL: "1s" },
};
