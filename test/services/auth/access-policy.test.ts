import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { ServerReflection } from "../../../gen/grpc/reflection/v1/reflection_pb.ts";
import { Health } from "../../../gen/health/v1/health_pb.ts";
import { ApplicationService } from "../../../gen/parley/v1/application_service_pb.ts";
import { SearchService } from "../../../gen/parley/v1/search_service_pb.ts";
import { ACCESS_POLICY, accessOf, checkPolicyCovers } from "../../../services/auth/access-policy.ts";
import { PARLEY_SERVICES } from "../../../services/parley-services.ts";

describe("the access policy", () => {
  test("says of every method who may call it", () => {
    checkPolicyCovers([...PARLEY_SERVICES, Health]);
  });

  test("opens none of Parley's methods to the public", () => {
    for (const method of PARLEY_SERVICES.flatMap(({ methods }) => methods)) {
      expect([method.name, accessOf(method)]).not.toEqual([method.name, "public"]);
      expect(accessOf(method)).toContain("admin");
    }
  });

  test.each(["createApplication", "listApplications", "deleteApplication"] as const)(
    "keeps %s to the administrator",
    (name) => {
      expect(accessOf(ApplicationService.method[name])).toEqual(["admin"]);
    },
  );

  test("that leaves a method out is refused by its name, whichever it is", () => {
    for (const missing of Object.keys(ACCESS_POLICY).filter((key) => key.startsWith("/parley."))) {
      const { [missing]: _, ...rest } = ACCESS_POLICY;
      expect(() => checkPolicyCovers(PARLEY_SERVICES, rest)).toThrow(missing);
    }
  });

  test("refuses to open to applications what streams, or does not tell its resource", () => {
    const { methods } = ServerReflection;
    const { check } = Health.method;
    const { createApplication } = ApplicationService.method;
    const { searchMessages } = SearchService.method;
    const open = ["admin", "application"] as const;
    const serviceOf = (...methods: DescMethod[]) => [{ methods }] as unknown as DescService[];
    for (const method of [...methods, check, createApplication]) {
      const path = `/${method.parent.typeName}/${method.name}`;
      const refusal = `${path} cannot be open to applications`;
      expect(() => checkPolicyCovers(serviceOf(method), { [path]: open })).toThrow(refusal);
      checkPolicyCovers(serviceOf(method), { [path]: ["admin"] });
      checkPolicyCovers(serviceOf(method), { [path]: "public" });
    }
    checkPolicyCovers(serviceOf(searchMessages));
  });

  test("has no entry for a method that does not exist", () => {
    expect(Object.keys(ACCESS_POLICY).filter((key) => key.includes("undefined"))).toEqual([]);
  });
});
