import { SERVER_PROFILES, type ServerKind } from "../../servers/server-profiles.ts";
import { TcpProxy } from "../tcp-proxy.ts";
import { type Stack, startStack } from "./stack.ts";
import type { StackOptions } from "./stack-options.ts";

/** A stack of which some processes reach one of the servers through a proxy of their own. */
export type ProxiedStack = Stack & { proxies: Record<string, TcpProxy> };

/** Starts a stack whose processes with these names have a proxy before the server of a kind. */
export async function startProxiedStack(
  options: StackOptions,
  kind: ServerKind,
  names: readonly string[],
): Promise<ProxiedStack> {
  const { port } = await options.servers.get(kind);
  const opened = names.map(async (name) => [name, await TcpProxy.open(port)] as const);
  const proxies = Object.fromEntries(await Promise.all(opened));
  const { variable } = SERVER_PROFILES[kind];
  const stack = await startStack({
    ...options,
    addresses: (name, addresses) => {
      const proxy = proxies[name];
      return proxy ? { [variable]: addresses[variable]!.replace(`:${port}`, `:${proxy.port}`) } : {};
    },
  });
  return {
    ...stack,
    proxies,
    async close(failed) {
      await stack.close(failed);
      await Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
    },
  };
}
