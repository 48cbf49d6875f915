import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { type CreateRequest, CreateRequestSchema } from "../../gen/parley/queue/v1/record_pb.ts";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { requestIdReused } from "../aip/request-id.ts";
import type { CreateRequestKey, Numbered } from "../numbering/numbering.ts";
import { unlessAborted } from "../process/unless-aborted.ts";
import { notFound, rpcError, storeUnavailable } from "../rpc/errors.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { Committed, PendingCreate } from "./pending-write.ts";

const ABSENT: Committed = { numbered: { kind: "absent" }, sequence: undefined };

/** What a create's record keeps of its request; undefined where it carried no request_id. */
export function createRequestOf(key: CreateRequestKey | undefined): CreateRequest | undefined {
  return key && create(CreateRequestSchema, key);
}

/**
 * Stores a create. Where its number cannot be given yet, as while its parent's deletion is judged, it waits and asks
 * again, until `signal` aborts.
 */
export async function submitCreate(groups: GroupCommit, write: PendingCreate, signal: AbortSignal): Promise<Committed> {
  for (;;) {
    const committed = await groups.submit(write);
    if (committed.numbered?.kind !== "later") return committed;
    const ready = committed.numbered.ready.catch((cause: unknown) => {
      throw storeUnavailable("the database", cause);
    });
    if ((await unlessAborted(ready, signal)) === "absent") return ABSENT;
  }
}

/** The numbers that a create has now or had before; throws what its caller is to be told where it has none. */
export function numbersOf(
  { numbered }: Committed,
  parent: string,
  requestId: string,
): Extract<Numbered, { kind: "assigned" | "repeated" }> {
  switch (numbered?.kind) {
    case "assigned":
    case "repeated":
      return numbered;
    case "reused":
      throw requestIdReused(requestId);
    case "exhausted":
      throw rpcError(
        Code.ResourceExhausted,
        ErrorReason.NUMBERS_EXHAUSTED,
        `all numbers in ${parent} are given; create in another parent`,
        { resource: parent },
      );
    case "unavailable":
      throw storeUnavailable("the database", numbered.cause);
    default:
      throw notFound(parent);
  }
}
