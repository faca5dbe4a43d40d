/**
 * Which keys every S3 server stores under exactly the name that was sent. Dangers behind the rules:
 * `.` and `..` segments are normalised away by URL parsers (a PUT for `media-backups/a/../../backups/x` arrived at
 * `backups/x`); empty segments are joined by servers that keep objects as files; control characters and U+FFFE, U+FFFF
 * cannot stand in the XML of a listing; a lone surrogate has no UTF-8; MinIO and versitygw refuse segments over 255
 * bytes, and S3 keys over 1,024.
 */
const longestSegmentBytes = 255;

const encoder = new TextEncoder();

/** Length in UTF-8. */
export function utf8Bytes(text: string): number {
  return encoder.encode(text).byteLength;
}

/** Why this key is not safe, as the end of a sentence; undefined when it is. */
export function keyProblem(key: string, longestBytes = 1024): string | undefined {
  if (!isWellFormed(key)) return "it holds half of a surrogate pair";
  if (utf8Bytes(key) > longestBytes) return `it is longer than ${longestBytes} bytes`;
  // deno-lint-ignore no-control-regex
  if (/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/.test(key)) return "it holds a control character";
  for (const segment of key.split("/")) {
    if (segment === "") return "it has an empty segment (two slashes in a row, or one at an end)";
    if (segment === "." || segment === "..") return `it has a segment "${segment}", which URL parsers remove`;
    if (utf8Bytes(segment) > longestSegmentBytes) return `it has a segment longer than ${longestSegmentBytes} bytes`;
  }
  return undefined;
}

/** True when no half of a surrogate pair stands alone. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
