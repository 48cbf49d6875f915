import { Agent } from "node:http";
import type { Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { createGrpcJsTransport, type GrpcJsTransport } from "./grpc-js-transport.ts";
import { createRestTransport } from "./rest-transport.ts";

/** The kinds of caller that Parley serves. */
export const PROTOCOLS = ["grpc", "connect", "grpc-web", "rest"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** Where a Parley listens: `http://host:port`, and the IPv4 `host:port` of native gRPC, several with commas between. */
export type Addresses = { address: string; grpcAddress: string };

/** A transport of each protocol: grpc-js, Connect in JSON, gRPC-Web in binary, and REST. */
export type Transports = Record<Protocol, Transport> & { grpc: GrpcJsTransport; close(): void };

/** Each call goes to the next of the addresses. */
const IN_TURN = JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] });

/** @returns transports to be closed by `close` */
export function openTransports({ address, grpcAddress }: Addresses): Transports {
  const agent = new Agent({ keepAlive: true });
  const http = { baseUrl: address, httpVersion: "1.1", nodeOptions: { agent } } as const;
  const grpc = createGrpcJsTransport(`ipv4:${grpcAddress}`, undefined, { "grpc.service_config": IN_TURN });
  return {
    grpc,
    connect: createConnectTransport({ ...http, useBinaryFormat: false }),
    "grpc-web": createGrpcWebTransport(http),
    rest: createRestTransport(address, agent),
    close() {
      grpc.close();
      agent.destroy();
    },
  };
}
