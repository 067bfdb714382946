/** A source of packs that are not on this machine. */
export interface PackSource {
  /** The archive of a pack: a tar.gz. Rejects with a sentence when it cannot be had. */
  open(packRef: string, stop: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}
