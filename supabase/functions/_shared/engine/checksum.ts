/**
 * Digests that are computed piece by piece. Web Crypto cannot do this, nor MD5, which S3's ETags are, so the host
 * passes an implementation in (`adapters/node/checksum.ts`).
 */
export interface Checksums {
  sha256(): Checksum;
  md5(): Checksum;
  /**
   * A SHA-256 that another invocation can go on with. `state` is the result of `save` after the bytes so far; without
   * it the digest begins anew. Throws when `state` is not such a result.
   */
  resumableSha256(state?: string): Promise<ResumableChecksum>;
  /** A CRC-32 as gzip has it, resumable in the same way. Eight hex digits. */
  resumableCrc32(state?: string): Promise<ResumableChecksum>;
}

export interface Checksum {
  update(bytes: Uint8Array): void;
  /** Lower-case hex. May be called once. */
  hex(): string;
}

export interface ResumableChecksum extends Checksum {
  /** The state to resume from, about 160 characters of Base64; empty where the host has none. More bytes may follow. */
  save(): string;
}

/** SHA-256 of these bytes, in lower-case hex. */
export function sha256Hex(checksums: Pick<Checksums, "sha256">, bytes: Uint8Array): string {
  const sum = checksums.sha256();
  sum.update(bytes);
  return sum.hex();
}

/** The same of a stream, which is read to its end. Rejects as the stream does. */
export async function sha256OfStream(
  checksums: Pick<Checksums, "sha256">,
  stream: AsyncIterable<Uint8Array>,
): Promise<string> {
  const sum = checksums.sha256();
  for await (const block of stream) sum.update(block);
  return sum.hex();
}
