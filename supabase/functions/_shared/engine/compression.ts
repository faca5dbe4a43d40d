/** Gzip by the host: the web's CompressionStream has no level, and its default takes twice the CPU (measured). */
export interface Compressor {
  /** Compresses these bytes to one whole gzip member. */
  gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * How many calls may run at once; 1 when absent. If it is more than 1, the caller may reuse the bytes as soon as
   * `gzip` has returned.
   */
  readonly atOnce?: number;
}

/** Gzip in pieces that stand alone, so that another invocation can go on: deflate has no state that could be stored. */
export interface PieceCompressor {
  /** Compresses to raw deflate that ends at a whole byte and is not final, so that any process may append pieces. */
  deflatePiece(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
}
