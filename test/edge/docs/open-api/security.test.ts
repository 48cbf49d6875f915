import { expect, test } from "vitest";
import { accessOf } from "../../../../services/auth/access-policy.ts";
import { contractServices, createContractDocument } from "../contract.ts";
import { findOperation } from "../open-api-document.ts";

const contract = await createContractDocument();

const methods = contractServices.flatMap((service) => service.methods);

test.each(methods.map((method) => [`${method.parent.name}_${method.name}`, method] as const))(
  "%s: the keys that open it are those of the access policy",
  (id, method) => {
    const keys = { backend: "apiKey", admin: "adminKey" };
    const allowed = accessOf(method);
    const names = Object.entries(keys).flatMap(([relation, name]) => (relation in Object(allowed) ? [name] : []));
    expect(findOperation(contract, id).security).toEqual(names.map((name) => ({ [name]: [] })));
  },
);

test("both kinds of keys are bearer keys, and say where they come from", () => {
  const { adminKey, apiKey } = contract.components.securitySchemes;
  expect(adminKey).toMatchObject({ type: "http", scheme: "bearer", description: expect.stringContaining("ADMIN_KEY") });
  expect(apiKey).toMatchObject({
    type: "http",
    scheme: "bearer",
    description: expect.stringContaining("RotateApiKey"),
  });
});
