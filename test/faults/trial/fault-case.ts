import type { SeededRandom } from "../../seeded-random.ts";
import type { ServerKind } from "../../servers/real-server.ts";
import type { History } from "../history/history.ts";
import type { Connection } from "../load/connections.ts";
import type { Creates } from "../load/creates.ts";
import type { Load, LoadOptions, Mix } from "../load/load.ts";
import type { Recorder } from "../load/recorder.ts";
import type { Targets } from "../load/targets.ts";
import type { Installation } from "../stack/installation.ts";
import type { StackOptions } from "../stack/stack-options.ts";
import type { Pace } from "./pace.ts";

/** A run of a case, while callers call. */
export type Trial<Place extends Installation = Installation> = {
  installation: Place;
  recorder: Recorder;
  targets: Targets;
  creates: Creates;
  load: Load;
  connections: readonly Connection[];
  random: SeededRandom;
  pace: Pace;
  /** What is stored, and what subscribers saw, once everything has come to rest. */
  settled(): Promise<Pick<History, "subscribers" | "stored">>;
};

/** Something that goes wrong under load. */
export type FaultCase<Place extends Installation = Installation> = {
  name: string;
  /** What happens, in one sentence. */
  about: string;
  needs: readonly ServerKind[];
  /** Programs that it calls. */
  programs?: readonly string[];
  /** Starts what it happens to. */
  start(options: Pick<StackOptions, "servers" | "pace">): Promise<Place>;
  /** What callers do, where it is not the usual. */
  load?: Partial<Pick<LoadOptions, "attempts" | "restMs" | "requestIdsOfTen">> & {
    mix?: Partial<Mix>;
    padding?: string;
  };
  /** How long its installation remembers a request_id, in milliseconds, where that is not 24 hours. */
  requestTtlMs?: number;
  /** Lets it happen; resolves when it is over. Rejects where it is not met as it should be. */
  fault(trial: Trial<Place>): Promise<void>;
};
