import { LifeboatError } from "../../engine/errors.ts";
import { isWellFormed } from "../../engine/format/safe_key.ts";

/**
 * The characters that are percent-encoded in user metadata, which S3 carries in ASCII headers: `%`; all that is not
 * printable ASCII; blanks at the ends or several in a row, which a header loses; and `=?`, because AWS would decode
 * `=?UTF-8?…?=` as RFC 2047. All other characters stay as they are, so that other tools can read ordinary values.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
 */
const MUST_BE_ENCODED = /%|[^ -~]+|^ +| +$| {2,}|=(?=\?)/gu;

/** S3's limit for names and values together, in bytes. */
const LONGEST_METADATA_BYTES = 2048;

/** Encodes user metadata for S3. Throws `metadata_invalid` and `metadata_too_large`. */
export function encodeMetadata(metadata: Readonly<Record<string, string>>, key: string): Record<string, string> {
  const encoded: Record<string, string> = {};
  let sizeBytes = 0;
  for (const [name, value] of Object.entries(metadata)) {
    if (!/^[a-z0-9][a-z0-9._-]*$/.test(name) || !isWellFormed(value)) throw metadataInvalid(name, key);
    encoded[name] = value.replace(MUST_BE_ENCODED, percentEncode);
    sizeBytes += name.length + encoded[name].length;
  }
  if (sizeBytes > LONGEST_METADATA_BYTES) throw metadataTooLarge(key, sizeBytes);
  return encoded;
}

/** The inverse of `encodeMetadata`. A value that another program wrote and that cannot be decoded is left as it is. */
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
