/** Who tries to log in, or has something mailed. */
export type LoginAttempt = {
  /** What is tried: a password or mailed token; or something that is mailed. */
  kind: "login" | "mail";
  application: string;
  /** Whose account it is: the normalised e-mail address; the user's id, where it is known who calls; or a mailed token. */
  account: string;
  /** The caller's address, as `clientAddressOf` has it; undefined where it is not known. */
  address: string | undefined;
};

/** An attempt that was counted. */
export interface CountedAttempt {
  /** The password was right: the attempt does not count. Never rejects. */
  succeed(): Promise<void>;
}

/** Bounds how often passwords are tried and mails are asked for. Whether there is such an account makes no difference. */
export interface LoginAttempts {
  /**
   * Counts an attempt. Called before anything is looked at.
   *
   * @throws RESOURCE_EXHAUSTED where there were too many of the account or address; UNAVAILABLE where they cannot be counted
   */
  begin(attempt: LoginAttempt): Promise<CountedAttempt>;

  /**
   * Forgets the attempts to log in to an account, from wherever: its owner has proved to be it. Never rejects: what is not
   * forgotten is over in 15 minutes.
   */
  forgive(account: Pick<LoginAttempt, "application" | "account">): Promise<void>;
}
