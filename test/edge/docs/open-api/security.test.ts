import { expect, test } from "vitest";
import { accessOf } from "../../../../services/auth/access-policy.ts";
import { contractServices, createContractDocument } from "../contract.ts";
import { findOperation } from "../open-api-document.ts";

const contract = await createContractDocument();

const OF_KEYS: Record<string, string> = { admin: "adminKey", backend: "apiKey" };

const methods = contractServices.flatMap((service) => service.methods);

test.each(methods.map((method) => [`${method.parent.name}_${method.name}`, method] as const))(
  "%s: the credentials that open it are those of the access policy",
  (id, method) => {
    const access = accessOf(method);
    const relations = access === "public" ? [] : Object.keys(access);
    const names = new Set(relations.map((relation) => OF_KEYS[relation] ?? "userToken"));
    const open = findOperation(contract, id).security ?? [];
    expect(new Set(open.flatMap((each) => Object.keys(each)))).toEqual(names);
    expect(open).toHaveLength(names.size);
  },
);

test("each credential is a bearer's, and says where it comes from", () => {
  const { adminKey, apiKey, userToken } = contract.components.securitySchemes;
  expect(adminKey).toMatchObject({ type: "http", scheme: "bearer", description: expect.stringContaining("ADMIN_KEY") });
  expect(apiKey).toMatchObject({
    type: "http",
    scheme: "bearer",
    description: expect.stringContaining("RotateApiKey"),
  });
  expect(userToken).toMatchObject({
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: expect.stringContaining("accessToken"),
  });
});
