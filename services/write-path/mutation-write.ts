import { randomUUID } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import { type Mutation, MutationSchema, WriteSchema } from "../../gen/parley/queue/v1/record_pb.ts";

/** A mutation of now, under an id of its own, where no others are given. */
export function newMutation(kind: Mutation["kind"], id: string = randomUUID(), timeMs: number = Date.now()): Mutation {
  return create(MutationSchema, { id, timeMs: BigInt(timeMs), kind });
}

/** A mutation as a parley.queue.v1.Write. */
export function writeOf(value: Mutation): Uint8Array {
  return toBinary(WriteSchema, create(WriteSchema, { kind: { case: "mutation", value } }));
}
