import { LifeboatError } from "../../engine/errors.ts";
import { isWellFormed } from "../../engine/format/safe_key.ts";

/**
 * S3 carries user metadata in headers, which are ASCII, so values are percent-encoded where they must be: `%`, all that
 * is not printable ASCII, blanks that a header loses (at the ends, or several in a row), and `=?`, because AWS takes
 * `=?UTF-8?…?=` for RFC 2047 and would decode it. A value without any of these stays as it is.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
 */
const mustBeEncoded = /%|[^ -~]+|^ +| +$| {2,}|=(?=\?)/gu;

/** S3's limit for names and values together. */
const longestMetadataBytes = 2048;

/** User metadata as S3 takes it. Throws `metadata_invalid` and `metadata_too_large`. */
export function encodeMetadata(metadata: Readonly<Record<string, string>>, key: string): Record<string, string> {
  const encoded: Record<string, string> = {};
  let sizeBytes = 0;
  for (const [name, value] of Object.entries(metadata)) {
    if (!/^[a-z0-9][a-z0-9._-]*$/.test(name) || !isWellFormed(value)) throw metadataInvalid(name, key);
    encoded[name] = value.replace(mustBeEncoded, percentEncode);
    sizeBytes += name.length + encoded[name].length;
  }
  if (sizeBytes > longestMetadataBytes) throw metadataTooLarge(key, sizeBytes);
  return encoded;
}

/** The inverse of `encodeMetadata`. What another program wrote and does not decode is left as it is. */
export function decodeMetadata(encoded: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(encoded).map(([name, value]) => [name.toLowerCase(), decodeValue(value)]));
}

function percentEncode(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)
    .join("");
}

function decodeValue(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch (error) {
    if (error instanceof URIError) return value;
    throw error;
  }
}

function metadataInvalid(name: string, key: string): LifeboatError {
  return new LifeboatError({
    code: "metadata_invalid",
    kind: "permanent",
    message: `The user metadata "${name}" cannot be stored in S3.`,
    hint: "Names may hold lower-case letters, digits, hyphens, dots and underscores; values must be Unicode text.",
    operation: "s3.metadata",
    subject: key,
  });
}

export function metadataTooLarge(key: string | undefined, sizeBytes?: number): LifeboatError {
  const size = sizeBytes === undefined ? "more" : `${sizeBytes} bytes`;
  return new LifeboatError({
    code: "metadata_too_large",
    kind: "permanent",
    message: `The user metadata of the object is larger than S3 takes: ${size}, where 2,048 are allowed.`,
    hint: "Keep the metadata in the manifest instead of on the object.",
    operation: "s3.metadata",
    subject: key,
  });
}
