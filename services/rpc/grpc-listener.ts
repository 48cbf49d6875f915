import type { Metadata, ServerInterceptingCallInterface } from "@grpc/grpc-js";

/** What a call of grpc-js tells of its request. */
export type GrpcListener = Parameters<ServerInterceptingCallInterface["start"]>[0];

/**
 * Passes on what a call tells until it is released. grpc-js and the native half of an HTTP/2 stream hold a listener
 * beyond the call's end, and so, without this, everything that the call has used would survive young collections
 * (measured: 9 KB of a small unary call instead of 5).
 */
export class ReleasableListener implements GrpcListener {
  #listener: GrpcListener | undefined;

  listen(listener: GrpcListener): void {
    this.#listener = listener;
  }

  release(): void {
    this.#listener = undefined;
  }

  onReceiveMetadata(metadata: Metadata): void {
    this.#listener?.onReceiveMetadata(metadata);
  }

  onReceiveMessage(bytes: Buffer): void {
    this.#listener?.onReceiveMessage(bytes);
  }

  onReceiveHalfClose(): void {
    this.#listener?.onReceiveHalfClose();
  }

  onCancel(): void {
    this.#listener?.onCancel();
  }
}
