import type { DependencyReport } from "./operations.ts";

/** A server that a role works with. */
export type Dependency = {
  /** Rejects where it is away. */
  check: () => Promise<unknown>;
  /** Whether the role can do nothing of its work without it. */
  isRequired: boolean;
};

/** By the name that is told, as in `mysql`. */
export type Dependencies = Readonly<Record<string, Dependency>>;

/** A check that has not answered by then counts as failed. */
const TIMEOUT_MS = 2_000;

/**
 * Makes what checks all dependencies at once: each is `up` or `down`. Who asks while the checks are under way gets their
 * outcome, so that no flood of questions reaches the dependencies.
 */
export function createDependencyChecks(
  dependencies: Dependencies,
  timeoutMs = TIMEOUT_MS,
): () => Promise<DependencyReport> {
  let underWay: Promise<DependencyReport> | undefined;
  return () => {
    underWay ??= checkAll(dependencies, timeoutMs).finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}

async function checkAll(dependencies: Dependencies, timeoutMs: number): Promise<DependencyReport> {
  const checked = await Promise.all(
    Object.entries(dependencies).map(async ([name, dependency]) => {
      const isUp = await answers(dependency, timeoutMs);
      return { name, isUp, suffices: isUp || !dependency.isRequired };
    }),
  );
  return {
    states: Object.fromEntries(checked.map(({ name, isUp }) => [name, isUp ? "up" : "down"])),
    suffices: checked.every(({ suffices }) => suffices),
  };
}

function answers({ check }: Dependency, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeoutMs, false);
    const settle = (isUp: boolean) => {
      clearTimeout(timer);
      resolve(isUp);
    };
    // Asynchronous, so that a check that throws at once rejects.
    Promise.resolve()
      .then(check)
      .then(
        () => settle(true),
        () => settle(false),
      );
  });
}
