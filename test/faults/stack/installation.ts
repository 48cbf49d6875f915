import type { NativeProcess } from "../../production/native-process.ts";
import type { Event } from "../history/history.ts";
import type { Item } from "../history/resource.ts";
import type { EntryPoints } from "../load/connections.ts";

/** A Parley under test with its processes. */
export type Installation = {
  adminKey: string;
  entryPoints: EntryPoints;
  /** By name: `api-1`, `writer`, … or `parley` where one does everything. */
  processes: Record<string, NativeProcess>;
  /** Every chat and message in the database that is not deleted with its chat. */
  readRows(): Promise<Item[]>;
  /** The origins of what the database refused. */
  readDeadLetters(): Promise<string[]>;
  /** What each subscriber of the commit stream saw by now. */
  subscribers(): Promise<Event[][]>;
  /** When a subscriber saw that epochs of numbers begin, by `performance.now`. */
  epochs(): readonly number[];
  /** Where the logs of its processes are. */
  folder: string;
  /** Ends the processes. After a failure the logs stay, else nothing does. */
  close(failed: boolean): Promise<void>;
};
