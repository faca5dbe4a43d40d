import { corruptFailure, unavailableFailure } from "./failures.ts";

/** An ETag without quotes. Throws `store_unavailable` when there is none, since such an answer is not the store's. */
export function plainETag(etag: string | null | undefined, operation: string, key?: string): string {
  const plain = etag?.replace(/^W\//, "").replace(/^"(.*)"$/, "$1");
  if (!plain) throw unavailableFailure("the answer has no ETag", operation, key);
  return plain;
}

/**
 * Throws `object_corrupt` when the store's ETag shows that other bytes were stored. The ETag of a whole object or part
 * is the MD5 of its bytes, unless it is encrypted with a KMS or customer key; then the store itself has compared
 * Content-MD5. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
 */
export function assertMd5(headers: Headers, md5: string, operation: string, key?: string): void {
  const etag = plainETag(headers.get("etag"), operation, key);
  const encryption = headers.get("x-amz-server-side-encryption") ?? "";
  if (encryption.startsWith("aws:kms") || headers.has("x-amz-server-side-encryption-customer-algorithm")) return;
  if (!/^[0-9a-f]{32}$/i.test(etag) || etag.toLowerCase() === md5) return;
  throw corruptFailure("the store's MD5 differs", operation, key);
}
