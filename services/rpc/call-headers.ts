import type { IncomingHttpHeaders } from "node:http2";

const NONE: IncomingHttpHeaders = {};

/**
 * Headers of a call, read where HTTP/2 has put them. The platform's own Headers, which cost a microsecond a call,
 * are made for who changes them.
 */
export class CallHeaders implements Headers {
  readonly #received: IncomingHttpHeaders;
  #made: Headers | undefined;

  /** @param received by lower-case name; default: none. What is changed in it before the first other use shows. */
  constructor(received: IncomingHttpHeaders = NONE) {
    this.#received = received;
  }

  /** The platform's Headers where there may be something in them that was not received. */
  get changed(): Headers | undefined {
    return this.#made;
  }

  get(name: string): string | null {
    if (this.#made !== undefined) return this.#made.get(name);
    const value = this.#received[name.toLowerCase()];
    if (value === undefined || isOwnOfHttp2(name)) return null;
    return toText(name, value);
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }

  append(name: string, value: string): void {
    this.#make().append(name, value);
  }

  set(name: string, value: string): void {
    this.#make().set(name, value);
  }

  delete(name: string): void {
    this.#make().delete(name);
  }

  getSetCookie(): string[] {
    return this.#make().getSetCookie();
  }

  forEach(callback: (value: string, name: string, parent: Headers) => void, thisArgument?: unknown): void {
    for (const [name, value] of this.entries()) callback.call(thisArgument, value, name, this);
  }

  entries(): ReturnType<Headers["entries"]> {
    if (this.#made !== undefined) return this.#made.entries();
    return this.#receivedEntries().values();
  }

  keys(): ReturnType<Headers["keys"]> {
    return this.#make().keys();
  }

  values(): ReturnType<Headers["values"]> {
    return this.#make().values();
  }

  [Symbol.iterator](): ReturnType<Headers["entries"]> {
    return this.entries();
  }

  /** As the platform's have them: by name, and each cookie by itself. */
  #receivedEntries(): [string, string][] {
    const entries: [string, string][] = [];
    for (const name in this.#received) {
      const value = this.#received[name];
      if (value === undefined || isOwnOfHttp2(name)) continue;
      if (name !== "set-cookie") entries.push([name, toText(name, value)]);
      else for (const cookie of [value].flat()) entries.push([name, cookie]);
    }
    return entries.length < 2 ? entries : entries.sort(([one], [other]) => (one < other ? -1 : 1));
  }

  #make(): Headers {
    if (this.#made !== undefined) return this.#made;
    const made = new Headers();
    for (const [name, value] of this.#receivedEntries()) made.append(name, value);
    this.#made = made;
    return made;
  }
}

/** What HTTP/2 and gRPC use themselves is not for handlers. */
function isOwnOfHttp2(name: string): boolean {
  return name.startsWith(":") || OWN.has(name);
}

const OWN = new Set(["te", "content-type", "accept-encoding", "grpc-timeout", "grpc-encoding", "grpc-accept-encoding"]);

/** Binary values, of names that end with `-bin`, in the base64 that Connect has, whatever their padding was. */
function toText(name: string, value: string | string[]): string {
  const text = Array.isArray(value) ? value.join(", ") : value;
  if (!name.endsWith("-bin")) return text;
  const parts = text.split(",").map((each) => Buffer.from(each.trim(), "base64").toString("base64"));
  return parts.join(", ");
}
