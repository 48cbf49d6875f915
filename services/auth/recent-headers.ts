/**
 * Values by the headers that were in use lately, up to a number of characters: what was not used while half of them came
 * makes room for others. A hit writes nothing, which makes it several times as fast as one of a list in order of use. A header
 * that is not here is found out about in constant time: see KnownHeaders.
 */
export class RecentHeaders<Value> {
  readonly #charactersMax: number;
  #recent = new Map<string, Value>();
  #before = new Map<string, Value>();
  #characters = 0;

  /** @param charactersMax of all headers together */
  constructor(charactersMax: number) {
    this.#charactersMax = charactersMax;
  }

  get(header: string): Value | undefined {
    const recent = this.#recent.get(header);
    if (recent !== undefined) return recent;
    const value = this.#before.get(header);
    if (value !== undefined) this.set(header, value);
    return value;
  }

  set(header: string, value: Value): void {
    if (!this.#recent.has(header)) this.#characters += header.length;
    this.#recent.set(header, value);
    if (this.#characters <= this.#charactersMax / 2) return;
    this.#before = this.#recent;
    this.#recent = new Map();
    this.#characters = 0;
  }
}
