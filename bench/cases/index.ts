import type { BenchCase } from "../bench-case.ts";
import { CONNECT } from "./connect.ts";
import { CREATE_EMBEDDED } from "./create-embedded.ts";
import { CREATE, CREATE_ONE_CHAT, CREATE_USER } from "./creates.ts";
import { GROWTH } from "./growth.ts";
import { IDLE } from "./idle.ts";
import { INDEX } from "./index-messages.ts";
import { LIST_OLD } from "./list-old.ts";
import { LOAD } from "./load.ts";
import { PERSIST } from "./persist.ts";
import { GET, LIST } from "./reads.ts";
import { REST, REST_LOCAL } from "./rest.ts";
import { SCALE } from "./scale.ts";
import { SEARCH } from "./search.ts";

/** In the order of the report. */
export const BENCH_CASES: readonly BenchCase[] = [
  CREATE,
  CREATE_USER,
  CREATE_ONE_CHAT,
  CREATE_EMBEDDED,
  GET,
  LIST,
  LIST_OLD,
  REST,
  REST_LOCAL,
  CONNECT,
  PERSIST,
  INDEX,
  SEARCH,
  GROWTH,
  LOAD,
  SCALE,
  IDLE,
];
