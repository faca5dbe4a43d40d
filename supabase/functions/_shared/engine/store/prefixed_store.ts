import { LifeboatError } from "../errors.ts";
import { LONGEST_PREFIX_BYTES } from "../format/layout.ts";
import { keyProblem, utf8Bytes } from "../format/safe_key.ts";
import type { ObjectStore } from "./object_store.ts";

/**
 * Puts `S3_PREFIX` before every key and takes it off again, so that two projects can share a bucket and neither sees the
 * other's objects. An empty prefix changes nothing. Throws `prefix_invalid`. Subjects of errors keep the whole key.
 */
export function prefixedStore(store: ObjectStore, prefix: string): ObjectStore {
  const folder = validPrefix(prefix);
  if (folder === "") return store;
  const whole = (key: string) => folder + key;
  const strip = <Named extends { readonly key: string }>(named: Named): Named => ({
    ...named,
    key: named.key.slice(folder.length),
  });
  return {
    head: async (key, options, signal) => strip(await store.head(whole(key), options, signal)),
    async get(key, options, signal) {
      const { info, body } = await store.get(whole(key), options, signal);
      return { info: strip(info), body };
    },
    async *list(prefix, signal, after) {
      const listing = store.list(whole(prefix), signal, after === undefined ? after : whole(after));
      for await (const object of listing) yield strip(object);
    },
    put: async (key, body, options, signal) => strip(await store.put(whole(key), body, options, signal)),
    putStream: async (key, body, options, signal) => strip(await store.putStream(whole(key), body, options, signal)),
    async openUpload(key, options, signal) {
      const upload = await store.openUpload(whole(key), options, signal);
      return {
        uploadId: upload.uploadId,
        putPart: (number, bytes, signal) => upload.putPart(number, bytes, signal),
        complete: async (parts, options, signal) => strip(await upload.complete(parts, options, signal)),
        abort: (signal) => upload.abort(signal),
      };
    },
    copy: async (fromKey, toKey, options, signal) =>
      strip(await store.copy(whole(fromKey), whole(toKey), options, signal)),
    remove: (keys, signal) => store.remove(keys.map(whole), signal),
  };
}

/** The prefix with one closing slash, or nothing. Throws `prefix_invalid`. */
export function validPrefix(prefix: string): string {
  const trimmed = prefix.replace(/^\/+|\/+$/g, "");
  if (trimmed === "") return "";
  const problem = keyProblem(trimmed) ??
    (utf8Bytes(trimmed) >= LONGEST_PREFIX_BYTES ? `it is longer than ${LONGEST_PREFIX_BYTES - 1} bytes` : undefined);
  if (!problem) return `${trimmed}/`;
  throw new LifeboatError({
    code: "prefix_invalid",
    kind: "permanent",
    message: `S3_PREFIX cannot be used: ${problem}.`,
    hint: `Use a short folder name of at most ${LONGEST_PREFIX_BYTES - 1} bytes, for example production/.`,
    operation: "s3.configure",
  });
}
