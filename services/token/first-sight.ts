import type { UserName } from "../aip/resource-name.ts";

/** Makes users who are seen for the first time in a token of another issuer. */
export interface FirstSight {
  /**
   * Makes the user where it does not exist and never did, and tells FactChanges of it. Nothing happens where it exists,
   * or was deleted.
   *
   * @param displayName up to 100 code points, without NUL; may be empty
   */
  ensureUser(user: UserName, displayName: string): Promise<void>;
}
