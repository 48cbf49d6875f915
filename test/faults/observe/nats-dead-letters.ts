import { fromBinary } from "@bufbuild/protobuf";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { WriteSchema } from "../../../gen/parley/queue/v1/record_pb.ts";
import { itemOf } from "../load/calls.ts";
import { chatItemOf } from "./event-reader.ts";

/** The origins of what an installation's dead letters would have created. */
export async function readNatsDeadLetters(url: string, stream: string): Promise<string[]> {
  const connection = await connect({ servers: url });
  try {
    const { streams } = await jetstreamManager(connection);
    const { state } = await streams.info(stream);
    const origins: string[] = [];
    for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq++) {
      const message = await streams.getMessage(stream, { seq });
      if (message) origins.push(...originsOf(message.data));
    }
    return origins;
  } finally {
    await connection.close();
  }
}

function originsOf(data: Uint8Array): string[] {
  const { kind } = fromBinary(WriteSchema, data);
  if (kind.case === "createChat") return [chatItemOf(kind.value.chat!).origin];
  return kind.case === "createMessages" ? kind.value.messages.map((message) => itemOf(message).origin) : [];
}
