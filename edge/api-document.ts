import type { DescService } from "@bufbuild/protobuf";
import { ErrorReasonSchema } from "../gen/parley/v1/error_reason_pb.ts";
import packageJson from "../package.json" with { type: "json" };
import { createOpenApi, type DocsOptions, readDescriptorSet } from "./docs/index.ts";
import { HEADER_FIELDS } from "./edge-server.ts";

const DESCRIPTION = `Chats for your product's users: applications (tenants) hold numbered chats, and chats hold numbered
messages. Authorize with the admin key, or with an application's api_key. The same methods are served over Connect,
gRPC-Web and gRPC.`;

/** What the docs show: the OpenAPI document of Parley's REST. */
export async function createApiDocument(services: readonly DescService[]): Promise<DocsOptions> {
  const title = "Parley";
  const document = createOpenApi({
    services,
    title,
    version: packageJson.version,
    description: DESCRIPTION,
    source: await readDescriptorSet(),
    errorReasons: ErrorReasonSchema,
    headerFields: HEADER_FIELDS,
  });
  return { document, title };
}
