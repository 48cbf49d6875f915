/** What an installation's queue is called in NATS. */
export type NatsNames = {
  /** The stream of records. */
  stream: string;
  /** The subject of groups and verdicts. */
  writes: string;
  /** The subject of the epochs, which are records of the same stream. */
  epochs: string;
  /** The stream of dead letters. */
  deadLetterStream: string;
  /** Before the mark in the subject of a dead letter. */
  deadLetters: string;
};

/** The names for the setting INSTALLATION. */
export function natsNames(installation: string): NatsNames {
  return {
    stream: `${installation}-writes`,
    writes: `${installation}.writes`,
    epochs: `${installation}.epochs`,
    deadLetterStream: `${installation}-dead-letters`,
    deadLetters: `${installation}.dead-letters`,
  };
}
