/** The settings of the production that suites share, where they are not the defaults. */
export const SHARED_SETTINGS: Readonly<Record<string, string>> = { COUNT_INTERVAL: "100ms" };

/** Whether a suite that wants certain settings can share. */
export function areShared(environment: Readonly<Record<string, string>>): boolean {
  return Object.entries(environment).every(([name, value]) => SHARED_SETTINGS[name] === value);
}
