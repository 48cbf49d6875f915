import type { DescService, JsonObject } from "@bufbuild/protobuf";
import packageJson from "../../package.json" with { type: "json" };
import { createOpenApi, type DocsOptions, readDescriptorSet, type Security } from "../docs/index.ts";
import { type Credential, credentialsOf } from "./access.ts";
import { ERRORS } from "./errors.ts";
import { EXAMPLES } from "./examples.ts";
import { HEADER_FIELDS } from "./header-fields.ts";

const TITLE = "Parley";

const DESCRIPTION = `Chats for your product's users: applications (tenants) hold users and numbered chats, and chats hold
members and numbered messages. The same methods are served over Connect, gRPC-Web and gRPC.

A call that fails answers \`{"error": …}\` with a \`google.rpc.ErrorInfo\`, whose \`reason\` programs may rely on. A path
that does not exist is 404 \`METHOD_NOT_FOUND\`, one that has no such HTTP method 405 \`METHOD_NOT_ALLOWED\`.`;

const ADMIN_KEY = `The administrator's key, which opens everything: the setting ADMIN_KEY, else the file \`admin-key\` in
DATA_DIR.`;

const API_KEY = `The key of one application, which opens what is in it: the \`apiKey\` that CreateApplication and
RotateApiKey answer.`;

const USER_TOKEN = `The access token of a user, which opens what that user may see and do: the \`accessToken\` of Tokens, or a
token of an issuer whose key the application has registered.`;

const SECURITY: Security = {
  schemes: {
    adminKey: {
      type: "http",
      scheme: "bearer",
      description: ADMIN_KEY,
    },
    apiKey: {
      type: "http",
      scheme: "bearer",
      bearerFormat: "parley_…",
      description: API_KEY,
    },
    userToken: {
      type: "http",
      scheme: "bearer",
      bearerFormat: "JWT",
      description: USER_TOKEN,
    },
  } satisfies Record<Credential, JsonObject>,
  open: credentialsOf,
};

/** What the docs show: the OpenAPI document of Parley's REST. */
export async function createApiDocument(services: readonly DescService[]): Promise<DocsOptions> {
  const document = createOpenApi({
    services,
    title: TITLE,
    version: packageJson.version,
    description: DESCRIPTION,
    license: packageJson.license,
    source: await readDescriptorSet(),
    errors: ERRORS,
    examples: EXAMPLES,
    security: SECURITY,
    headerFields: HEADER_FIELDS,
  });
  return { document, title: TITLE };
}
