import { JetStreamApiCodes } from "@nats-io/jetstream";

/** The codes of JetStream's refusals that Parley tells apart; its errors.json explains each. */
export const JETSTREAM_CODES = {
  ...JetStreamApiCodes,
  AccountResourcesExceeded: 10_002,
  ClusterNoPeers: 10_005,
  ClusterNotAvailable: 10_008,
  StorageResourcesExceeded: 10_047,
  StreamNameInUse: 10_058,
  StreamWrongLastId: 10_070,
  StreamReplicasNotSupported: 10_074,
  /** Of several reasons, which the description tells. */
  StreamStoreFailed: 10_077,
  StreamDuplicateInProcess: 10_158,
  StreamLastSequenceNotReady: 10_163,
} as const;
