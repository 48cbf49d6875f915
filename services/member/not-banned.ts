/** The condition of SQL under which a member, of whose table there is one in the statement, is not banned at a time. */
export function notBanned(nowMs: number): string {
  return `(ban_expire_time IS NULL OR ban_expire_time<=${nowMs})`;
}
