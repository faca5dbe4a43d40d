/**
 * Digests that can be fed piece by piece. Web Crypto has no such thing (and no MD5, which S3's ETags are), so the host
 * passes an implementation in (`adapters/node/checksum.ts`).
 */
export interface Checksums {
  sha256(): Checksum;
  md5(): Checksum;
  /**
   * A SHA-256 that another invocation can go on with. `state` is what `save` gave after the bytes before; absent, it
   * begins. Throws for a state that is none.
   */
  resumableSha256(state?: string): Promise<ResumableChecksum>;
  /** The CRC-32 of gzip, the same way. Eight hex digits. */
  resumableCrc32(state?: string): Promise<ResumableChecksum>;
}

export interface Checksum {
  update(bytes: Uint8Array): void;
  /** Lower-case hex. May be called once. */
  hex(): string;
}

export interface ResumableChecksum extends Checksum {
  /** Where it stands, about 160 characters of Base64; empty on a host that cannot tell. More bytes may follow. */
  save(): string;
}
