/** Gunzip by the host: the web's DecompressionStream has no limit of size and does not stop at the end of a member. */
export interface Decompressor {
  /**
   * Unpacks one gzip member. Rejects when these bytes are not gzip, are cut off, or hold more than `rawLength` bytes: a
   * small file that unpacks to a huge one must not exhaust the memory.
   */
  gunzip(bytes: Uint8Array<ArrayBuffer>, rawLength: number): Promise<Uint8Array<ArrayBuffer>>;
}
