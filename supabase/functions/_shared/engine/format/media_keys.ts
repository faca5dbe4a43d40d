import { LifeboatError } from "../errors.ts";
import { ARCHIVE_PREFIX, KEY_LIMITS, MEDIA_PREFIX } from "./layout.ts";
import { isWellFormed, keyProblem } from "./safe_key.ts";

/**
 * Where the copies of Storage objects lie. The key is normally the object's bucket and path, unchanged, so that people
 * find their files. These names go to `.overflow/<sha256 of bucket/path>` instead, and the manifest says which object
 * that is:
 *
 * - names that `keyProblem` refuses: `.` and `..` segments, empty segments (two slashes in a row, a slash at either
 *   end, an empty name), control characters, segments over 200 bytes, keys over 924 bytes (1,024 less 100 for
 *   `S3_PREFIX`);
 * - buckets named `.overflow`, `manifest.json` or `r2-inventory.json`: on a server that keeps objects as files the last
 *   two would be a folder where a file must be;
 * - buckets with a slash in the name, which Storage does not allow: object `c` of bucket `a/b` would get the key of
 *   object `b/c` of bucket `a`.
 *
 * Objects `x` and `x/y` of one bucket keep their own names. A server that keeps objects as files refuses to store the
 * second one, with an error that names it. A rule that sees one name at a time cannot foresee this.
 */
export interface MediaKey {
  readonly key: string;
  /** True when the key is a hash, and only the manifest knows the object's name. */
  readonly overflow: boolean;
}

const OVERFLOW_NAME = ".overflow";
const RESERVED_BUCKETS = [OVERFLOW_NAME, "manifest.json", "r2-inventory.json"];

/**
 * The key of an object's newest copy. Throws `key_unsafe` for a name that is not Unicode, which PostgreSQL cannot hold.
 */
export async function mediaKey(bucket: string, path: string): Promise<MediaKey> {
  const key = `${MEDIA_PREFIX}${bucket}/${path}`;
  if (isPlain(bucket, key)) return { key, overflow: false };
  return { key: `${MEDIA_PREFIX}${OVERFLOW_NAME}/${await nameHash(bucket, path)}`, overflow: true };
}

/**
 * The key of a superseded copy. `version` is the object's version as the media manifest names it; the key holds its
 * SHA-256 instead where it cannot be a segment of a key. Throws as `mediaKey`.
 */
export async function archiveKey(bucket: string, path: string, version: string): Promise<MediaKey> {
  const segment = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/.test(version) ? version : await sha256(version);
  const key = `${ARCHIVE_PREFIX}${bucket}/${path}/${segment}`;
  // Both keys must be safe: an object then lies under its name in both places, or under its hash in both.
  if (isPlain(bucket, key) && isPlain(bucket, `${MEDIA_PREFIX}${bucket}/${path}`)) return { key, overflow: false };
  return { key: `${ARCHIVE_PREFIX}${OVERFLOW_NAME}/${await nameHash(bucket, path)}/${segment}`, overflow: true };
}

function isPlain(bucket: string, key: string): boolean {
  return !RESERVED_BUCKETS.includes(bucket) && !bucket.includes("/") && keyProblem(key, KEY_LIMITS) === undefined;
}

/** SHA-256 of `bucket/path`. A slash in the bucket's name is escaped; without that two objects could share a hash. */
function nameHash(bucket: string, path: string): Promise<string> {
  return sha256(`${bucket.replaceAll("%", "%25").replaceAll("/", "%2F")}/${path}`);
}

async function sha256(text: string): Promise<string> {
  if (!isWellFormed(text)) {
    throw new LifeboatError({
      code: "key_unsafe",
      kind: "permanent",
      message: "The name of an object holds half of a surrogate pair, so it is not text that can be stored.",
      hint: "Rename the object.",
      operation: "media.key",
      subject: text.replace(/\p{Surrogate}/gu, "\ufffd"),
    });
  }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
