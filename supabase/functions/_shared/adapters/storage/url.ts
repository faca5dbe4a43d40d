import { LifeboatError } from "../../engine/errors.ts";

/** The first segments under `/object/` that are routes. A bucket of such a name needs the longer address. */
const ROUTES = ["authenticated", "copy", "info", "list", "move", "public", "sign", "upload"];

/**
 * Address of an object, exactly as it is named. `/object/<bucket>/…`, which supabase-js's `download()` uses, would lead
 * elsewhere for a bucket named like a route; `/object/authenticated/<bucket>/…` does not.
 *
 * Throws `source_path_unreachable` for a name with a segment `.` or `..`: every URL parser removes those, even written
 * as `%2e` (https://url.spec.whatwg.org/#double-dot-path-segment), and so do gateways in front of Storage. Only calls
 * with the name in their body reach such an object, and none of these returns bytes.
 */
export function objectAddress(base: string, bucket: string, path: string): string {
  const prefix = ROUTES.includes(bucket) ? `${base}/object/authenticated` : `${base}/object`;
  const address = `${prefix}/${encodeURIComponent(bucket)}/${path.split("/").map(encodeURIComponent).join("/")}`;
  if (new URL(address).href === address) return address;
  throw new LifeboatError({
    code: "source_path_unreachable",
    kind: "permanent",
    message: 'Its name has "." or ".." between slashes. No web address leads to it, so nobody can download it.',
    hint: "Give it another name: supabase.storage.from(bucket).move(old, new) takes names that no address can hold.",
    operation: "storage.open",
    subject: `${bucket}/${path}`,
  });
}
