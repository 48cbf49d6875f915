import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fromBinary } from "@bufbuild/protobuf";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { MessageSchema } from "../../gen/parley/v1/message_pb.ts";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";

/**
 * A bare server of @connectrpc/connect-node over HTTP/1.1: it parses a CreateMessageRequest and answers a message whose
 * bytes are given on the command line, in base64, which it encodes for each answer. It prints its port.
 */

const answer = fromBinary(MessageSchema, Buffer.from(process.argv[2]!, "base64"));
const server = createServer(
  connectNodeAdapter({ routes: (router) => router.service(MessageService, { createMessage: () => answer }) }),
);
server.listen(0, "127.0.0.1");
await once(server, "listening");
process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
