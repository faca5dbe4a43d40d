/** Gzip at the host's hands: the web's CompressionStream has no level, and its default costs twice the CPU (measured). */
export interface Compressor {
  /** These bytes as one whole gzip member. */
  gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
}
