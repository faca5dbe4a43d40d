import { LifeboatError } from "../errors.ts";
import { archivePrefix, keyLimits, mediaPrefix } from "./layout.ts";
import { isWellFormed, keyProblem } from "./safe_key.ts";

/**
 * Where the objects of Storage lie. As a rule the key is the bucket and path as they are, so that people find their
 * files. The exceptions go to `.overflow/<sha256 of bucket/path>`, and the manifest says which object that is:
 *
 * - what `keyProblem` names: `.` and `..` segments, empty segments (two slashes in a row, one at an end, an empty
 *   name), control characters, segments over 200 bytes, keys over 924 bytes (1,024 less the room for `S3_PREFIX`);
 * - buckets named `.overflow`, `manifest.json` or `r2-inventory.json`: on a server that keeps objects as files the last
 *   two would be a folder where a file must be;
 * - buckets with a slash, which Storage does not allow: `a/b` + `c` would be the key of `a` + `b/c`.
 *
 * Objects `x` and `x/y` of one bucket have keys of their own; a server that keeps objects as files refuses the second
 * with an error that names it, and no rule about one name alone could know.
 */
export interface MediaKey {
  readonly key: string;
  /** True when the key is a hash, and only the manifest knows the object's name. */
  readonly overflow: boolean;
}

const overflowName = ".overflow";
const reservedBuckets = [overflowName, "manifest.json", "r2-inventory.json"];

/** Key of the newest copy of an object. Throws `key_unsafe` for a name that is not Unicode (PostgreSQL cannot hold one). */
export async function mediaKey(bucket: string, path: string): Promise<MediaKey> {
  const key = `${mediaPrefix}${bucket}/${path}`;
  if (isPlain(bucket, key)) return { key, overflow: false };
  return { key: `${mediaPrefix}${overflowName}/${await nameHash(bucket, path)}`, overflow: true };
}

/** Key of a superseded copy. `version` is what the media manifest calls it; one that cannot be a segment is hashed. */
export async function archiveKey(bucket: string, path: string, version: string): Promise<MediaKey> {
  const segment = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/.test(version) ? version : await sha256(version);
  const key = `${archivePrefix}${bucket}/${path}/${segment}`;
  // The media key is asked too, so that an object is in both places by its name or in both by its hash.
  if (isPlain(bucket, key) && isPlain(bucket, `${mediaPrefix}${bucket}/${path}`)) return { key, overflow: false };
  return { key: `${archivePrefix}${overflowName}/${await nameHash(bucket, path)}/${segment}`, overflow: true };
}

function isPlain(bucket: string, key: string): boolean {
  return !reservedBuckets.includes(bucket) && !bucket.includes("/") && keyProblem(key, keyLimits) === undefined;
}

/** SHA-256 of `bucket/path`. A slash in the bucket is escaped: else two names could be one text. */
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
