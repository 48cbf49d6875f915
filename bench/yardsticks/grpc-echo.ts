import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import * as grpc from "@grpc/grpc-js";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";

/**
 * A bare server of @grpc/grpc-js for a unary method of MessageService, whose name is the first parameter, as `createMessage`:
 * it parses the request and answers a message of the method's output, which it encodes for each answer. The second
 * parameter is that message's bytes in base64. It prints its port.
 */

function serialize<Desc extends DescMessage>(schema: Desc): (message: MessageShape<Desc>) => Buffer {
  return (message) => Buffer.from(toBinary(schema, message));
}

const [name, answerBytes] = process.argv.slice(2) as [keyof typeof MessageService.method, string];
const { input, output, ...method } = MessageService.method[name];
const answer = fromBinary(output, Buffer.from(answerBytes, "base64"));
const server = new grpc.Server();
server.addService(
  {
    Echo: {
      path: `/${MessageService.typeName}/${method.name}`,
      requestStream: false,
      responseStream: false,
      requestSerialize: serialize(input),
      requestDeserialize: (bytes: Buffer) => fromBinary(input, bytes),
      responseSerialize: serialize(output),
      responseDeserialize: (bytes: Buffer) => fromBinary(output, bytes),
    },
  },
  { Echo: (_call: unknown, callback: grpc.sendUnaryData<unknown>) => callback(null, answer) },
);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});
