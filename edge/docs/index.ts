export { readDescriptorSet } from "./descriptor-set.ts";
export { docsRoutes } from "./docs-routes.ts";
export { createOpenApi } from "./open-api.ts";
