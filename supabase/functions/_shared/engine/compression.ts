/** Gzip at the host's hands: the web's CompressionStream has no level, and its default costs twice the CPU (measured). */
export interface Compressor {
  /** One whole gzip member holding these blocks, one after the other. */
  gzip(blocks: readonly Uint8Array<ArrayBuffer>[]): Promise<Uint8Array<ArrayBuffer>>;
}
