const AUDIENCE = /^applications\/([0-9a-z]{26})$/;

/** The application that an audience is; undefined where it is something else. */
export function applicationOf(audience: unknown): string | undefined {
  return typeof audience === "string" ? AUDIENCE.exec(audience)?.[1] : undefined;
}
