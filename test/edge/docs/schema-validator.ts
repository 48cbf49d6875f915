import type { JsonValue } from "@bufbuild/protobuf";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { OpenApiDocument, Schema } from "./open-api-document.ts";

/** Why a value is not of a schema, or null where it is. */
export type SchemaValidator = (schema: Schema, value: JsonValue) => string | null;

/**
 * Judges values by a document's schemas. Ajv in strict mode: a keyword that it does not know is an error.
 *
 * @throws Error a schema is none of JSON Schema 2020-12, or refers to nothing
 */
export function createSchemaValidator(document: OpenApiDocument): SchemaValidator {
  const definitions = toDefinitions(document.components.schemas);
  return (schema, value) => {
    const ajv = new Ajv2020({ strict: true, strictTypes: false, validateFormats: false, allErrors: true });
    const validate = ajv.compile({ ...toDefinitions(schema), $defs: definitions });
    return validate(value) ? null : ajv.errorsText(validate.errors);
  };
}

function toDefinitions<T>(schema: T): T {
  return JSON.parse(JSON.stringify(schema).replaceAll("#/components/schemas/", "#/$defs/")) as T;
}
