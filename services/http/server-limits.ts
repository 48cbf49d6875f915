/** What callers may take of the server beside their calls. Times are in milliseconds. */
export type ServerLimits = {
  /** To send a whole request, after which a caller holds its connection for nothing. */
  receiveTimeoutMs: number;
  /** To send the headers, at most `receiveTimeoutMs`. They are small: who is slow here has nothing else to wait for. */
  headersTimeoutMs: number;
  /** How often late requests of HTTP/1.1 are looked for. */
  lookIntervalMs: number;
  /** How long a connection may be idle. */
  idleTimeoutMs: number;
  /** A TLS handshake is two round trips. */
  handshakeTimeoutMs: number;
  /** All headers of a request, about. */
  headersMaxBytes: number;
  /** Connections at a time, of some 20 KiB each where they are idle. One more is closed at once. */
  maxConnections: number;
  /** Requests of one connection of HTTP/1.1 that wait for their answers. */
  maxWaitingAnswers: number;
  /** Bytes of all answers that wait to be read. */
  unsentMaxBytes: number;
  /** How long an answer may not get on because nobody reads it. */
  stallTimeoutMs: number;
};

export const SERVER_LIMITS: ServerLimits = {
  receiveTimeoutMs: 30_000,
  headersTimeoutMs: 15_000,
  // Node's own 30 s would double the times above.
  lookIntervalMs: 2_000,
  // Longer than the 60 s of common proxies: the side that sends requests should be the one that hangs up.
  idleTimeoutMs: 72_000,
  handshakeTimeoutMs: 10_000,
  // A key, a trace and a few names are 1 KiB; metadata of gRPC is mostly cut at 8 KiB.
  headersMaxBytes: 16_384,
  maxConnections: 10_000,
  // Clients send the next request when they have the answer; those few that do not wait send some.
  maxWaitingAnswers: 16,
  unsentMaxBytes: 256 * 1_048_576,
  stallTimeoutMs: 30_000,
};
