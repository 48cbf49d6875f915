import { beforeEach } from "vitest";
import { isDatabaseMissing } from "./test-database.ts";

beforeEach(({ skip }) => skip(isDatabaseMissing, "no MySQL or MariaDB can be had here"));
