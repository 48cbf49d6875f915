/** How long things last: as in earnest, or so that many cases fit into a test. */
export type Pace = {
  /** How long a fault lasts that lasts so many milliseconds in earnest. */
  scale(ms: number): number;
  /** How long the load goes on before the fault, at least, and how much longer at most, in milliseconds. */
  warm: { least: number; more: number };
  /** How long it goes on after the first answer that follows the fault, in milliseconds. */
  afterMs: number;
  /** Settings that make roles wait as much shorter. */
  environment: Readonly<Record<string, string>>;
};

export const IN_EARNEST: Pace = {
  scale: (ms) => ms,
  warm: { least: 3_000, more: 3_000 },
  afterMs: 3_000,
  environment: {},
};

const SHORTER = 5;

export const SHORT: Pace = {
  scale: (ms) => ms / SHORTER,
  warm: { least: 500, more: 1_500 },
  afterMs: 1_500,
  environment: { PUBLISH_TIMEOUT: "1s", EPOCH_WAIT: "400ms", LEASE_TTL: "1s" },
};
