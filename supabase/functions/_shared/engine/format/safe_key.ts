/**
 * Limits of keys that S3 servers store under exactly the name that was sent. An unsafe key can overwrite another
 * object: URL parsers remove `.` and `..` segments (a PUT for `media-backups/a/../../backups/x` arrived at
 * `backups/x`), and servers that keep objects as files drop empty segments. Control characters, U+FFFE and U+FFFF
 * cannot stand in the XML of a listing, a lone surrogate cannot be written in UTF-8, and S3 refuses keys over 1,024
 * bytes.
 */
export interface KeyLimits {
  readonly keyBytes: number;
  /** Bytes between two slashes. */
  readonly segmentBytes: number;
}

const LIMITS_OF_S3: KeyLimits = { keyBytes: 1024, segmentBytes: 1024 };

const encoder = new TextEncoder();

/** The text's length in bytes of UTF-8. */
export function utf8Bytes(text: string): number {
  return encoder.encode(text).byteLength;
}

/** Why this key is not safe, as the end of a sentence; undefined when the key is safe. */
export function keyProblem(key: string, limits: KeyLimits = LIMITS_OF_S3): string | undefined {
  if (!isWellFormed(key)) return "it holds half of a surrogate pair";
  if (utf8Bytes(key) > limits.keyBytes) return `it is longer than ${limits.keyBytes} bytes`;
  // deno-lint-ignore no-control-regex
  if (/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/.test(key)) return "it holds a control character";
  for (const segment of key.split("/")) {
    if (segment === "") return "it has an empty segment (two slashes in a row, or one at an end)";
    if (segment === "." || segment === "..") return `it has a segment "${segment}", which URL parsers remove`;
    if (utf8Bytes(segment) > limits.segmentBytes) return `it has a segment longer than ${limits.segmentBytes} bytes`;
  }
  return undefined;
}

/** True when the text has no lone surrogate, so that it can be written in UTF-8. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
