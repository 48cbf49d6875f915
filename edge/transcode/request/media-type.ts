import { Refusal } from "../refusal.ts";

/** What this library reads and writes. */
export const JSON_TYPE = "application/json";

/**
 * @param contentType the header of a request that has a body
 * @throws Refusal unsupportedMediaType unless it is JSON in UTF-8
 */
export function requireJson(contentType: string | undefined, contentEncoding: string | undefined): void {
  const [type, ...parameters] = (contentType ?? "")
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice("charset=".length);
  if (type !== JSON_TYPE || (charset !== undefined && charset.replaceAll('"', "") !== "utf-8")) {
    throw new Refusal(
      "unsupportedMediaType",
      `the body must be ${JSON_TYPE} in UTF-8, not ${contentType ?? "untyped"}`,
    );
  }
  if (contentEncoding !== undefined && contentEncoding.toLowerCase() !== "identity") {
    throw new Refusal("unsupportedMediaType", `the body must not have the content-encoding ${contentEncoding}`);
  }
}

/**
 * @param accept the header of the request; everything is accepted without it
 * @throws Refusal notAcceptable where its most specific range for JSON is missing or has weight 0 (RFC 9110, 12.5.1)
 */
export function requireJsonAccepted(accept: string | undefined): void {
  if (accept === undefined || accept.trim() === "") return;
  const weights = new Map(accept.toLowerCase().split(",").map(parseRange));
  const weight = weights.get(JSON_TYPE) ?? weights.get("application/*") ?? weights.get("*/*") ?? 0;
  if (weight > 0) return;
  throw new Refusal("notAcceptable", `the answer is ${JSON_TYPE}, which "accept: ${accept}" excludes`);
}

/** The range and its weight, 1 where it is not given, 0 where it is no number. */
function parseRange(range: string): [type: string, weight: number] {
  const [type = "", ...parameters] = range.split(";").map((part) => part.trim());
  const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
  return [type, weight === undefined ? 1 : Number.parseFloat(weight) || 0];
}
