/** How a program gets onto this machine. */
export type Installation = {
  /** What a person would type. */
  advice: string;
  /** The folder in the cache in which it then is, where it is not on the PATH. */
  folder?: string;
  /** Does it, with its output on stderr. Rejects with what is missing for that. */
  install(cache: string): Promise<void>;
};
