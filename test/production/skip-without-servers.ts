import { beforeEach } from "vitest";
import { missingServers } from "../open-parley.ts";

beforeEach(({ skip }) => skip(missingServers.length > 0, `missing: ${missingServers.join(", ")}`));
