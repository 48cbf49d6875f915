import { expect, test } from "vitest";
import { BadRequestSchema } from "../../../gen/google/rpc/error_details_pb.ts";
import { invalidFields } from "../../../services/rpc/errors.ts";

test("of thousands of violations the first are told, and how many more there are", () => {
  const violations = Array.from({ length: 2_000 }, (_, index) => ({
    field: `requests[${index}]`,
    description: "is empty",
  }));
  const error = invalidFields(violations);
  expect(error.rawMessage).toMatch(/^requests\[0\]: is empty; .*requests\[19\]: is empty; and 1980 more$/);
  expect(error.findDetails(BadRequestSchema)[0]?.fieldViolations).toHaveLength(20);
});

test("a field or a description of any length is cut", () => {
  const error = invalidFields([{ field: "k".repeat(10_000), description: "d".repeat(10_000) }]);
  expect(error.rawMessage.length).toBeLessThan(800);
});
