/**
 * Digests that can be fed piece by piece. Web Crypto has no such thing (and no MD5, which S3's ETags are), so the host
 * passes an implementation in (`adapters/node_checksum.ts`).
 */
export interface Checksums {
  sha256(): Checksum;
  md5(): Checksum;
}

export interface Checksum {
  update(bytes: Uint8Array): void;
  /** Lower-case hex. May be called once. */
  hex(): string;
}
