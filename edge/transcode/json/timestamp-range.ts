/** 0001-01-01T00:00:00Z, the first second of google.protobuf.Timestamp. */
export const FIRST_SECOND = -62135596800;

/** 9999-12-31T23:59:59Z, its last. */
export const LAST_SECOND = 253402300799;
