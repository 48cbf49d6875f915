import type { JsonValue } from "@bufbuild/protobuf";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { OpenApiDocument, Schema } from "./open-api-document.ts";

/** Why a value is not of a schema, or null where it is. */
export type SchemaValidator = (schema: Schema, value: JsonValue) => string | null;

/**
 * Judges values by a document's schemas. Ajv in strict mode: a keyword that it does not know is an error.
 *
 * @throws Error a schema is none of JSON Schema 2020-12, or refers to nothing
 */
export function createSchemaValidator(document: OpenApiDocument): SchemaValidator {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, validateFormats: false, allErrors: true });
  ajv.addSchema({ $id: DOCUMENT, $defs: toDefinitions(document.components.schemas) });
  const compiled = new Map<string, ValidateFunction>();
  return (schema, value) => {
    const text = JSON.stringify(schema);
    const validate = compiled.get(text) ?? ajv.compile(toDefinitions(schema));
    compiled.set(text, validate);
    return validate(value) ? null : ajv.errorsText(validate.errors);
  };
}

const DOCUMENT = "https://document.test/";

function toDefinitions<T>(schema: T): T {
  return JSON.parse(JSON.stringify(schema).replaceAll("#/components/schemas/", `${DOCUMENT}#/$defs/`)) as T;
}
