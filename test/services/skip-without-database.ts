import { beforeEach } from "vitest";
import { missingDatabase } from "./test-database.ts";

beforeEach(({ skip }) => skip(missingDatabase !== undefined, missingDatabase));
