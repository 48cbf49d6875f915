import { type DescFile, type DescService, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, type ServiceImpl } from "@connectrpc/connect";
import type { ServerReflection, ServerReflectionRequest } from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import type {
  ServerReflection as AlphaReflection,
  ServerReflectionRequest as AlphaRequest,
} from "../../gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { type DescriptorIndex, indexDescriptors, withImports } from "./descriptor-index.ts";

type Question = (ServerReflectionRequest | AlphaRequest)["messageRequest"];
type Answer =
  | { case: "fileDescriptorResponse"; value: { fileDescriptorProto: Uint8Array[] } }
  | { case: "allExtensionNumbersResponse"; value: { baseTypeName: string; extensionNumber: number[] } }
  | { case: "listServicesResponse"; value: { service: { name: string }[] } }
  | { case: "errorResponse"; value: { errorCode: number; errorMessage: string } };

/**
 * grpc.reflection.v1 for the services that the registry has when the first question comes. Files are sent with
 * everything they import, and with their custom options.
 */
export function createGrpcReflection(registry: {
  services: readonly DescService[];
}): ServiceImpl<typeof ServerReflection> {
  const answer = createAnswers(registry);
  return {
    async *serverReflectionInfo(requests) {
      for await (const request of requests) {
        const messageResponse = answer(request.messageRequest);
        yield { validHost: request.host, originalRequest: request, messageResponse };
      }
    },
  };
}

/** The same as grpc.reflection.v1alpha, which older clients ask for. */
export function createGrpcReflectionAlpha(registry: {
  services: readonly DescService[];
}): ServiceImpl<typeof AlphaReflection> {
  const answer = createAnswers(registry);
  return {
    async *serverReflectionInfo(requests) {
      for await (const request of requests) {
        const messageResponse = answer(request.messageRequest);
        yield { validHost: request.host, originalRequest: request, messageResponse };
      }
    },
  };
}

function createAnswers(registry: { services: readonly DescService[] }): (question: Question) => Answer {
  let index: DescriptorIndex | undefined;
  return (question) => {
    index ??= indexDescriptors(registry.services);
    return answerQuestion(question, index, registry.services);
  };
}

function answerQuestion(question: Question, index: DescriptorIndex, services: readonly DescService[]): Answer {
  switch (question.case) {
    case "listServices":
      return { case: "listServicesResponse", value: { service: services.map(({ typeName }) => ({ name: typeName })) } };
    case "fileByFilename":
      return fileResponse(index.files.get(question.value), `file ${question.value}`);
    case "fileContainingSymbol":
      return fileResponse(index.symbols.get(question.value), `symbol ${question.value}`);
    case "fileContainingExtension": {
      const { containingType, extensionNumber } = question.value;
      const extension = index.extensions.get(containingType)?.find(({ number }) => number === extensionNumber);
      return fileResponse(extension?.file, `extension ${extensionNumber} of ${containingType}`);
    }
    case "allExtensionNumbersOfType":
      return extensionNumbers(question.value, index);
    default:
      return failure(Code.InvalidArgument, "the request asks nothing: set one field of message_request");
  }
}

function fileResponse(file: DescFile | undefined, what: string): Answer {
  if (!file) return failure(Code.NotFound, `${what} is not known here`);
  const fileDescriptorProto = withImports(file).map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}

function extensionNumbers(baseTypeName: string, { extensions, messages }: DescriptorIndex): Answer {
  if (!messages.has(baseTypeName)) return failure(Code.NotFound, `message ${baseTypeName} is not known here`);
  const extensionNumber = (extensions.get(baseTypeName) ?? []).map(({ number }) => number);
  return { case: "allExtensionNumbersResponse", value: { baseTypeName, extensionNumber } };
}

function failure(code: Code, errorMessage: string): Answer {
  return { case: "errorResponse", value: { errorCode: code, errorMessage } };
}
