/** Sets a property whose name comes from a caller: `__proto__` is a name like any other. */
export function setOwn(record: object, name: string, value: unknown): void {
  if (name !== "__proto__") {
    (record as Record<string, unknown>)[name] = value;
    return;
  }
  Object.defineProperty(record, name, { value, writable: true, enumerable: true, configurable: true });
}
