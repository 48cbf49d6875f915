import type { BenchCase } from "../bench-case.ts";
import { CREATE, CREATE_ONE_CHAT } from "./creates.ts";

/** In the order of the report. */
export const BENCH_CASES: readonly BenchCase[] = [CREATE, CREATE_ONE_CHAT];
