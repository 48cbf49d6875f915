/** Headers of REST that fill a request's field. */
export const HEADER_FIELDS = { "idempotency-key": "request_id" };
