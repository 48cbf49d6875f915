import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import * as grpc from "@grpc/grpc-js";
import { CreateMessageRequestSchema, MessageSchema } from "../../gen/parley/v1/message_pb.ts";

/**
 * A bare server of @grpc/grpc-js: it parses a CreateMessageRequest and answers a message whose bytes are given on the
 * command line, in base64, which it encodes for each answer. It prints its port.
 */

function serialize<Desc extends DescMessage>(schema: Desc): (message: MessageShape<Desc>) => Buffer {
  return (message) => Buffer.from(toBinary(schema, message));
}

const answer = fromBinary(MessageSchema, Buffer.from(process.argv[2]!, "base64"));
const server = new grpc.Server();
server.addService(
  {
    Echo: {
      path: "/parley.v1.MessageService/CreateMessage",
      requestStream: false,
      responseStream: false,
      requestSerialize: serialize(CreateMessageRequestSchema),
      requestDeserialize: (bytes: Buffer) => fromBinary(CreateMessageRequestSchema, bytes),
      responseSerialize: serialize(MessageSchema),
      responseDeserialize: (bytes: Buffer) => fromBinary(MessageSchema, bytes),
    },
  },
  { Echo: (_call: unknown, callback: grpc.sendUnaryData<unknown>) => callback(null, answer) },
);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});
