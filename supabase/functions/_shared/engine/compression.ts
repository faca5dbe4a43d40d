/** Gzip at the host's hands: the web's CompressionStream has no level, and its default costs twice the CPU (measured). */
export interface Compressor {
  /** These bytes as one whole gzip member. */
  gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * How many it can be given before the first is done; 1 when absent. Where it is more, the bytes are the caller's again
   * as soon as `gzip` has returned.
   */
  readonly atOnce?: number;
}

/** Gzip that is written on by another invocation: deflate has no state that could be stored, so each piece stands alone. */
export interface PieceCompressor {
  /** These bytes as raw deflate that ends at a whole byte and is not the last: more pieces follow, by anybody. */
  deflatePiece(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
}
