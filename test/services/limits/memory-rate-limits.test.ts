import { MemoryRateLimits } from "../../../services/limits/memory-rate-limits.ts";
import { describeRateLimits } from "./rate-limits-contract.ts";

describeRateLimits("in memory", async () => new MemoryRateLimits());
