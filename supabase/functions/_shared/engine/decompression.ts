/** Gunzip at the host's hands: the web's DecompressionStream can neither be told a limit nor stop at a member's end. */
export interface Decompressor {
  /**
   * What one gzip member holds. Rejects when these bytes are not gzip, are cut off, or hold more than `rawLength` bytes:
   * a small file that unpacks to a huge one must not take the machine's memory.
   */
  gunzip(bytes: Uint8Array<ArrayBuffer>, rawLength: number): Promise<Uint8Array<ArrayBuffer>>;
}
