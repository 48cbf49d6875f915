/** Whether a service takes calls, as others may watch it. */
export type HealthStatus = {
  serving(): boolean;
  /** `listener` is told after each change; the function returned stops that. */
  onChange(listener: () => void): () => void;
};

/** A status that is set by hand. Not serving at first. */
export function createHealthStatus(): HealthStatus & { set(serving: boolean): void } {
  const listeners = new Set<() => void>();
  let current = false;
  return {
    serving: () => current,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set(serving) {
      if (serving === current) return;
      current = serving;
      for (const listener of [...listeners]) listener();
    },
  };
}
