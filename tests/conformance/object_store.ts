import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { hasCode, LifeboatError } from "../../supabase/functions/_shared/engine/errors.ts";
import { compareKeys } from "../../supabase/functions/_shared/engine/store/key_order.ts";
import type {
  ObjectStore,
  PutOptions,
  UploadedPart,
} from "../../supabase/functions/_shared/engine/store/object_store.ts";
import type { S3Capabilities } from "../support/s3_server.ts";
import { setImmediate } from "node:timers";

/** A test of one promise that the ObjectStore contract makes. */
export interface Scenario {
  readonly name: string;
  /** Abilities without which the scenario is left out. The test then names it. */
  readonly needs?: readonly (keyof S3Capabilities)[];
  /** `folder` is this scenario's own, with closing slash. */
  run(store: ObjectStore, folder: string): Promise<void>;
}

const MEBIBYTE = 1024 * 1024;
const plain: PutOptions = { contentType: "text/plain" };
const encode = (text: string) => new TextEncoder().encode(text);
export const md5 = (bytes: Uint8Array): string => createHash("md5").update(bytes).digest("hex");

/** Bytes that differ at every place, so that shifted or exchanged bytes are noticed. */
export function sampleBytes(sizeBytes: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeBytes);
  let state = seed;
  for (let index = 0; index < sizeBytes; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

export async function readAll(store: ObjectStore, key: string, options = {}): Promise<Uint8Array> {
  const { body } = await store.get(key, options);
  return new Uint8Array(await new Response(body).arrayBuffer());
}

export async function keysUnder(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const object of store.list(prefix)) keys.push(object.key);
  return keys;
}

/** A stream in pieces of `pieceBytes`. */
export async function* piecesOf(bytes: Uint8Array<ArrayBuffer>, pieceBytes: number) {
  for (let start = 0; start < bytes.byteLength; start += pieceBytes) {
    yield await Promise.resolve(bytes.subarray(start, start + pieceBytes));
  }
}

/** Fails unless the work rejects with this code; returns the error. */
export async function failsWith(code: string, work: Promise<unknown>): Promise<LifeboatError> {
  let failure: unknown;
  await rejects(work, (error) => {
    failure = error;
    return error instanceof LifeboatError && error.code === code || `${error} is not ${code}`;
  });
  return failure as LifeboatError;
}

/** Names that S3 allows and that something on the way may mistake for something else. */
const AWKWARD_NAMES = [
  "with space",
  "plus+plus",
  "a&b=c?d#e;f",
  "quotes'\"<>",
  "back\\slash",
  "percent%2Fslash",
  "percent%percent",
  "%2e%2e",
  "dots..",
  "...",
  "stars!*'()",
  "grüße",
  "gru\u0308ße",
  "日本語",
  "emoji 😀",
  "tilde~colon:at@dollar$comma,",
  "x".repeat(200),
];

export const SCENARIOS: readonly Scenario[] = [
  {
    name: "what is put is read back byte for byte",
    async run(store, folder) {
      const bytes = sampleBytes(100_003);
      const stored = await store.put(`${folder}a`, bytes, plain);
      strictEqual(stored.key, `${folder}a`);
      strictEqual(stored.sizeBytes, bytes.byteLength);
      strictEqual(stored.etag, md5(bytes));
      deepStrictEqual(await readAll(store, `${folder}a`), new Uint8Array(bytes));
    },
  },
  {
    name: "an empty object is an object",
    async run(store, folder) {
      await store.put(`${folder}empty`, new Uint8Array(0), plain);
      strictEqual((await store.head(`${folder}empty`)).sizeBytes, 0);
      strictEqual((await readAll(store, `${folder}empty`)).byteLength, 0);
    },
  },
  {
    name: "head and get tell size, type, cache control, disposition and metadata",
    async run(store, folder) {
      const options: PutOptions = {
        contentType: "image/png",
        cacheControl: "max-age=3600",
        contentDisposition: 'attachment; filename="sample.png"',
        metadata: { owner: "Zoë Example 😀", note: " 100%, =?x?=  two  blanks ", plain: "sample" },
      };
      await store.put(`${folder}a`, encode("sample"), options);
      for (const info of [await store.head(`${folder}a`), (await consumed(store, `${folder}a`)).info]) {
        strictEqual(info.sizeBytes, 6);
        strictEqual(info.etag, md5(encode("sample")));
        strictEqual(info.contentType, options.contentType);
        strictEqual(info.cacheControl, options.cacheControl);
        strictEqual(info.contentDisposition, options.contentDisposition);
        deepStrictEqual(info.metadata, options.metadata);
        ok(Math.abs(info.lastModified.getTime() - Date.now()) < 60_000);
      }
    },
  },
  {
    name: "an object that is not there is object_missing, to head, get and copy",
    async run(store, folder) {
      strictEqual((await failsWith("object_missing", store.head(`${folder}none`))).kind, "missing");
      await failsWith("object_missing", store.get(`${folder}none`));
      await failsWith("object_missing", store.copy(`${folder}none`, `${folder}b`));
      await failsWith("object_missing", store.copy(`${folder}none`, `${folder}b`, { ifMatch: md5(encode("a")) }));
    },
  },
  {
    name: "a put replaces what was there",
    async run(store, folder) {
      await store.put(`${folder}a`, encode("one"), plain);
      await store.put(`${folder}a`, encode("another"), plain);
      deepStrictEqual(await readAll(store, `${folder}a`), new Uint8Array(encode("another")));
    },
  },
  {
    name: "a range gives its bytes, and the size of the whole",
    async run(store, folder) {
      const bytes = sampleBytes(1000);
      await store.put(`${folder}a`, bytes, plain);
      for (const [offset, length] of [[0, 2], [10, 90], [999, 1], [990, 50]]) {
        const { info, body } = await store.get(`${folder}a`, { range: { offset, length } });
        strictEqual(info.sizeBytes, 1000);
        const read = new Uint8Array(await new Response(body).arrayBuffer());
        deepStrictEqual(read, new Uint8Array(bytes.slice(offset, offset + length)));
      }
    },
  },
  {
    name: "the first byte alone is a range like any other",
    needs: ["exactRanges"],
    async run(store, folder) {
      await store.put(`${folder}a`, encode("sample"), plain);
      deepStrictEqual(
        await readAll(store, `${folder}a`, { range: { offset: 0, length: 1 } }),
        new Uint8Array(encode("s")),
      );
    },
  },
  {
    name: "a range behind the end, or of no bytes, is refused",
    async run(store, folder) {
      await store.put(`${folder}a`, encode("sample"), plain);
      await failsWith("store_failed", store.get(`${folder}a`, { range: { offset: 6, length: 1 } }));
      await failsWith("store_failed", store.get(`${folder}a`, { range: { offset: 0, length: 0 } }));
    },
  },
  {
    name: "a body that is not wanted can be cancelled",
    async run(store, folder) {
      await store.put(`${folder}a`, sampleBytes(4 * MEBIBYTE), plain);
      const { body } = await store.get(`${folder}a`);
      const reader = body.getReader();
      ok(!(await reader.read()).done);
      await reader.cancel();
      await store.head(`${folder}a`);
    },
  },
  {
    name: "a short stream is stored as one object with its metadata",
    async run(store, folder) {
      const bytes = sampleBytes(70_001);
      const stored = await store.putStream(`${folder}a`, piecesOf(bytes, 999), {
        ...plain,
        metadata: { name: "grüße" },
      });
      strictEqual(stored.sizeBytes, bytes.byteLength);
      deepStrictEqual(await readAll(store, `${folder}a`), new Uint8Array(bytes));
      deepStrictEqual((await store.head(`${folder}a`)).metadata, { name: "grüße" });
    },
  },
  {
    name: "an empty stream is stored as an empty object",
    async run(store, folder) {
      strictEqual((await store.putStream(`${folder}a`, piecesOf(new Uint8Array(0), 1), plain)).sizeBytes, 0);
      strictEqual((await store.head(`${folder}a`)).sizeBytes, 0);
    },
  },
  {
    name: "a long stream is stored whole, with its metadata",
    async run(store, folder) {
      const bytes = sampleBytes(18 * MEBIBYTE + 5);
      const options = { ...plain, cacheControl: "no-cache", metadata: { name: "grüße" } };
      const stored = await store.putStream(`${folder}a`, piecesOf(bytes, 300_007), options);
      strictEqual(stored.sizeBytes, bytes.byteLength);
      const info = await store.head(`${folder}a`);
      strictEqual(info.etag, stored.etag);
      strictEqual(info.cacheControl, "no-cache");
      deepStrictEqual(info.metadata, { name: "grüße" });
      strictEqual(md5(await readAll(store, `${folder}a`)), md5(bytes));
    },
  },
  {
    name: "a stream that fails stores nothing and throws its own failure",
    async run(store, folder) {
      const failure = new Error("the sample stream broke");
      async function* broken() {
        yield* piecesOf(sampleBytes(18 * MEBIBYTE), MEBIBYTE);
        throw failure;
      }
      await rejects(store.putStream(`${folder}a`, broken(), plain), (error) => error === failure);
      await failsWith("object_missing", store.head(`${folder}a`));
    },
  },
  {
    name: "a stream of known length is stored as one request, whose ETag is the MD5 of it all",
    needs: ["sizedStreams"],
    async run(store, folder) {
      for (const sizeBytes of [1, 70_001, 18 * MEBIBYTE + 5]) {
        const bytes = sampleBytes(sizeBytes);
        const options = { ...plain, cacheControl: "no-cache", metadata: { name: "grüße" }, sizeBytes };
        const stored = await store.putStream(`${folder}a`, piecesOf(bytes, 300_007), options);
        deepStrictEqual([stored.etag, stored.sizeBytes], [md5(bytes), sizeBytes]);
        const info = await store.head(`${folder}a`);
        deepStrictEqual([info.etag, info.sizeBytes, info.cacheControl], [stored.etag, sizeBytes, "no-cache"]);
        deepStrictEqual(info.metadata, { name: "grüße" });
        strictEqual(md5(await readAll(store, `${folder}a`)), md5(bytes));
      }
    },
  },
  {
    name: "a stream of known length that fails, or ends elsewhere, stores nothing",
    needs: ["sizedStreams"],
    async run(store, folder) {
      const failure = new Error("the sample stream broke");
      const sizeBytes = 8 * MEBIBYTE;
      async function* broken() {
        yield* piecesOf(sampleBytes(sizeBytes - 1), MEBIBYTE);
        throw failure;
      }
      const options = { ...plain, sizeBytes };
      await rejects(store.putStream(`${folder}a`, broken(), options), (error) => error === failure);
      for (const otherBytes of [1, sizeBytes - 1, sizeBytes + 1]) {
        const other = piecesOf(sampleBytes(otherBytes), MEBIBYTE);
        await rejects(store.putStream(`${folder}a`, other, options), LifeboatError);
      }
      await failsWith("object_missing", store.head(`${folder}a`));
    },
  },
  {
    name: "a stream of known length does not replace what must not be replaced",
    needs: ["sizedStreams", "conditions"],
    async run(store, folder) {
      await store.put(`${folder}a`, encode("first"), plain);
      const sizeBytes = 18 * MEBIBYTE;
      for (const condition of [{ ifNoneMatch: true }, { ifMatch: md5(encode("another")) }]) {
        const pieces = piecesOf(sampleBytes(sizeBytes), MEBIBYTE);
        // The server may close the connection while it still receives a body that it refuses.
        await rejects(
          store.putStream(`${folder}a`, pieces, { ...plain, ...condition, sizeBytes }),
          (error) => hasCode(error, "store_precondition_failed", "store_unavailable"),
        );
      }
      deepStrictEqual(await readAll(store, `${folder}a`), new Uint8Array(encode("first")));
    },
  },
  {
    name: "parts put in any order make one object, which is not there before",
    async run(store, folder) {
      const bytes = sampleBytes(10 * MEBIBYTE + 7);
      const upload = await store.openUpload(`${folder}a`, { ...plain, metadata: { name: "grüße" } });
      const parts: UploadedPart[] = [];
      for (const number of [3, 1, 2]) {
        const part = bytes.slice((number - 1) * 5 * MEBIBYTE, number * 5 * MEBIBYTE);
        parts.push(await upload.putPart(number, part));
        strictEqual(parts.at(-1)?.etag, md5(part));
      }
      await failsWith("object_missing", store.head(`${folder}a`));
      strictEqual((await upload.complete(parts)).sizeBytes, bytes.byteLength);
      deepStrictEqual((await store.head(`${folder}a`)).metadata, { name: "grüße" });
      strictEqual(md5(await readAll(store, `${folder}a`)), md5(bytes));
    },
  },
  {
    name: "an upload can be gone on with by its id, and a part replaced",
    async run(store, folder) {
      const bytes = sampleBytes(6 * MEBIBYTE);
      const first = await store.openUpload(`${folder}a`, plain);
      await first.putPart(1, sampleBytes(5 * MEBIBYTE, 99));
      const one = await first.putPart(1, bytes.slice(0, 5 * MEBIBYTE));
      const second = await store.openUpload(`${folder}a`, { ...plain, uploadId: first.uploadId });
      const two = await second.putPart(2, bytes.slice(5 * MEBIBYTE));
      await second.complete([one, two]);
      strictEqual(md5(await readAll(store, `${folder}a`)), md5(bytes));
    },
  },
  {
    name: "an upload can be completed again, as after a lost answer",
    needs: ["uploadEnds"],
    async run(store, folder) {
      const upload = await store.openUpload(`${folder}a`, plain);
      const parts = [await upload.putPart(1, encode("sample"))];
      const stored = await upload.complete(parts);
      const again = await upload.complete(parts);
      deepStrictEqual([again.etag, again.sizeBytes], [stored.etag, stored.sizeBytes]);
      if (stored.versionId && again.versionId) strictEqual(again.versionId, stored.versionId);
    },
  },
  {
    name: "an aborted upload stores nothing, and aborting twice is no error",
    needs: ["uploadEnds"],
    async run(store, folder) {
      const upload = await store.openUpload(`${folder}a`, plain);
      await upload.putPart(1, encode("sample"));
      await upload.abort();
      await upload.abort();
      await failsWith("object_missing", store.head(`${folder}a`));
    },
  },
  {
    name: "a part of an upload that is gone is upload_missing",
    needs: ["validates"],
    async run(store, folder) {
      const upload = await store.openUpload(`${folder}a`, plain);
      await upload.abort();
      await failsWith("upload_missing", upload.putPart(1, encode("sample")));
      await failsWith("upload_missing", upload.complete([{ number: 1, etag: md5(encode("sample")), sizeBytes: 6 }]));
    },
  },
  {
    name: "an upload with a part that somebody replaced cannot be completed, and stores nothing",
    needs: ["validates"],
    async run(store, folder) {
      const upload = await store.openUpload(`${folder}a`, plain);
      const part = await upload.putPart(1, encode("sample"));
      await upload.putPart(1, encode("others"));
      await failsWith("upload_missing", upload.complete([part]));
      await failsWith("object_missing", store.head(`${folder}a`));
      await upload.abort();
    },
  },
  {
    name: "a copy has the bytes, type, cache control and metadata of its origin",
    async run(store, folder) {
      const options = { contentType: "image/png", cacheControl: "max-age=60", metadata: { name: "grüße" } };
      await store.put(`${folder}from`, encode("sample"), options);
      const stored = await store.copy(`${folder}from`, `${folder}to`);
      strictEqual(stored.sizeBytes, 6);
      const info = await store.head(`${folder}to`);
      deepStrictEqual([info.contentType, info.cacheControl, info.metadata, info.sizeBytes], [
        ...Object.values(options),
        6,
      ]);
      deepStrictEqual(await readAll(store, `${folder}to`), new Uint8Array(encode("sample")));
    },
  },
  {
    name: "a copy with ifMatch copies only the object that has this ETag",
    needs: ["conditions"],
    async run(store, folder) {
      const { etag } = await store.put(`${folder}from`, encode("sample"), plain);
      await store.copy(`${folder}from`, `${folder}to`, { ifMatch: etag });
      await store.put(`${folder}from`, encode("newer"), plain);
      await failsWith("store_precondition_failed", store.copy(`${folder}from`, `${folder}to`, { ifMatch: etag }));
      deepStrictEqual(await readAll(store, `${folder}to`), new Uint8Array(encode("sample")));
    },
  },
  {
    name: "a listing gives what lies under the prefix, with sizes and ETags",
    async run(store, folder) {
      await store.put(`${folder}in/a`, encode("one"), plain);
      await store.put(`${folder}in/b`, encode("three"), plain);
      await store.put(`${folder}inner`, encode("x"), plain);
      const listed = [];
      for await (const object of store.list(`${folder}in/`)) listed.push(object);
      deepStrictEqual(listed.map(({ key, sizeBytes, etag }) => [key, sizeBytes, etag]), [
        [`${folder}in/a`, 3, md5(encode("one"))],
        [`${folder}in/b`, 5, md5(encode("three"))],
      ]);
      ok(listed.every((object) => Math.abs(object.lastModified.getTime() - Date.now()) < 60_000));
      deepStrictEqual(await keysUnder(store, `${folder}none/`), []);
    },
  },
  {
    name: "a listing of more than one page is complete",
    async run(store, folder) {
      const keys = numberedKeys(folder, 1105);
      await inBatches(keys, (key) => store.put(key, encode("x"), plain));
      deepStrictEqual(await keysUnder(store, folder), keys);
    },
  },
  {
    name: "a removal of more than one request is complete",
    needs: ["bulkRemoval"],
    async run(store, folder) {
      const keys = numberedKeys(folder, 1105);
      await inBatches(keys.slice(-110), (key) => store.put(key, encode("x"), plain));
      await store.remove(keys);
      deepStrictEqual(await keysUnder(store, folder), []);
    },
  },
  {
    name: "a listing is in the order of UTF-8 bytes",
    needs: ["orderedListing"],
    async run(store, folder) {
      const names = ["a/b", "a-b", "a.b", "a0", "A", "é", "\uff5e", "😀"].map((name) => folder + name);
      for (const name of names) await store.put(name, encode("x"), plain);
      deepStrictEqual(await keysUnder(store, folder), names.sort(compareKeys));
    },
  },
  {
    name: "awkward names are stored, listed and removed as they are",
    async run(store, folder) {
      for (const name of AWKWARD_NAMES) {
        await store.put(`${folder}${name}`, encode(name), plain);
        await store.putStream(`${folder}${name}`, piecesOf(encode(name), 3), plain);
        deepStrictEqual(await readAll(store, `${folder}${name}`), new Uint8Array(encode(name)), name);
      }
      const keys = AWKWARD_NAMES.map((name) => folder + name);
      deepStrictEqual((await keysUnder(store, folder)).sort(compareKeys), [...keys].sort(compareKeys));
      for (const key of keys) await store.remove([key]);
      deepStrictEqual(await keysUnder(store, folder), []);
    },
  },
  {
    name: "awkward names are copied as they are",
    needs: ["encodedCopySource"],
    async run(store, folder) {
      for (const name of AWKWARD_NAMES) {
        await store.put(`${folder}${name}`, encode(name), plain);
        await store.copy(`${folder}${name}`, `${folder}copies/${name}`);
        deepStrictEqual(await readAll(store, `${folder}copies/${name}`), new Uint8Array(encode(name)), name);
      }
    },
  },
  {
    name: "a key that would arrive as another is refused by every method before anything is sent",
    async run(store, folder) {
      await store.put(`${folder}b`, encode("whole"), plain);
      const unsafe = [
        "a/../b",
        "a/./b",
        "a//b",
        "/a",
        "a/",
        "..",
        "line\nbreak",
        "\ud800",
        "x".repeat(1025),
      ];
      for (const name of unsafe) {
        const key = name === "/a" ? name : folder + name;
        await failsWith("key_unsafe", store.head(key));
        await failsWith("key_unsafe", store.get(key));
        await failsWith("key_unsafe", store.put(key, encode("x"), plain));
        await failsWith("key_unsafe", store.putStream(key, piecesOf(encode("x"), 1), plain));
        await failsWith("key_unsafe", store.openUpload(key, plain));
        await failsWith("key_unsafe", store.copy(`${folder}b`, key));
        await failsWith("key_unsafe", store.copy(key, `${folder}b`));
        await failsWith("key_unsafe", store.remove([`${folder}b`, key]));
      }
      deepStrictEqual(await keysUnder(store, folder), [`${folder}b`]);
    },
  },
  {
    name: "objects `a` and `a/b` stand side by side, or the second is refused by name",
    async run(store, folder) {
      await store.put(`${folder}a`, encode("one"), plain);
      try {
        await store.put(`${folder}a/b`, encode("two"), plain);
        deepStrictEqual((await keysUnder(store, folder)).length, 2);
      } catch (error) {
        ok(error instanceof LifeboatError);
        deepStrictEqual([error.code, error.subject?.endsWith("/a/b")], ["store_failed", true]);
      }
      deepStrictEqual(await readAll(store, `${folder}a`), new Uint8Array(encode("one")));
    },
  },
  {
    name: "removing removes, and what is not there counts as removed",
    async run(store, folder) {
      await store.put(`${folder}a`, encode("x"), plain);
      await store.remove([`${folder}a`, `${folder}none`]);
      await store.remove([`${folder}a`]);
      await store.remove([]);
      await failsWith("object_missing", store.head(`${folder}a`));
    },
  },
  {
    name: "ifNoneMatch stores only where the key is free, in one request and in parts",
    needs: ["conditions"],
    async run(store, folder) {
      const options = { ...plain, ifNoneMatch: true };
      await store.put(`${folder}a`, encode("first"), options);
      strictEqual(
        (await failsWith("store_precondition_failed", store.put(`${folder}a`, encode("x"), options))).kind,
        "conflict",
      );
      await failsWith("store_precondition_failed", store.putStream(`${folder}a`, piecesOf(encode("x"), 1), options));
      const long = piecesOf(sampleBytes(9 * MEBIBYTE), MEBIBYTE);
      await failsWith("store_precondition_failed", store.putStream(`${folder}a`, long, options));
      const upload = await store.openUpload(`${folder}a`, plain);
      const parts = [await upload.putPart(1, encode("x"))];
      await failsWith("store_precondition_failed", upload.complete(parts, { ifNoneMatch: true }));
      await upload.abort();
      deepStrictEqual(await readAll(store, `${folder}a`), new Uint8Array(encode("first")));
    },
  },
  {
    name: "ifMatch overwrites only the object that has this ETag, in one request and in parts",
    needs: ["conditions"],
    async run(store, folder) {
      const first = await store.put(`${folder}a`, encode("first"), plain);
      const second = await store.put(`${folder}a`, encode("second"), { ...plain, ifMatch: first.etag });
      const late = { ...plain, ifMatch: first.etag };
      await failsWith("store_precondition_failed", store.put(`${folder}a`, encode("late"), late));
      const upload = await store.openUpload(`${folder}a`, plain);
      const parts = [await upload.putPart(1, encode("third"))];
      await failsWith("store_precondition_failed", upload.complete(parts, { ifMatch: first.etag }));
      deepStrictEqual(await readAll(store, `${folder}a`), new Uint8Array(encode("second")));
      await upload.complete(parts, { ifMatch: second.etag });
      deepStrictEqual(await readAll(store, `${folder}a`), new Uint8Array(encode("third")));
    },
  },
  {
    name: "ifMatch reads only what is still the same",
    needs: ["conditions"],
    async run(store, folder) {
      const { etag } = await store.put(`${folder}a`, encode("one"), plain);
      strictEqual((await store.head(`${folder}a`, { ifMatch: etag })).etag, etag);
      strictEqual((await readAll(store, `${folder}a`, { ifMatch: etag })).byteLength, 3);
      await store.put(`${folder}a`, encode("two"), plain);
      await failsWith("store_precondition_failed", store.head(`${folder}a`, { ifMatch: etag }));
      await failsWith("store_precondition_failed", store.get(`${folder}a`, { ifMatch: etag }));
    },
  },
  {
    name: "older versions can be read and copied after an overwrite and after a removal",
    needs: ["versions"],
    async run(store, folder) {
      const first = await store.put(`${folder}a`, encode("first"), { ...plain, metadata: { name: "one" } });
      const second = await store.put(`${folder}a`, encode("second"), plain);
      ok(first.versionId && second.versionId && first.versionId !== second.versionId);
      strictEqual((await store.head(`${folder}a`)).versionId, second.versionId);
      await store.remove([`${folder}a`]);
      await failsWith("object_missing", store.head(`${folder}a`));
      const { versionId } = first;
      strictEqual((await store.head(`${folder}a`, { versionId })).sizeBytes, 5);
      deepStrictEqual(await readAll(store, `${folder}a`, { versionId }), new Uint8Array(encode("first")));
      await store.copy(`${folder}a`, `${folder}b`, { versionId });
      deepStrictEqual(await readAll(store, `${folder}b`), new Uint8Array(encode("first")));
      deepStrictEqual((await store.head(`${folder}b`)).metadata, { name: "one" });
    },
  },
  {
    name: "metadata up to 2 KB is kept and more is refused before anything is sent",
    async run(store, folder) {
      const largest = { note: "x".repeat(2044) };
      await store.put(`${folder}a`, encode("x"), { ...plain, metadata: largest });
      deepStrictEqual((await store.head(`${folder}a`)).metadata, largest);
      // A letter of two bytes is sent as six characters, since it is percent-encoded.
      const tooLarge = { ...plain, metadata: { note: "ü".repeat(341) } };
      await failsWith("metadata_too_large", store.put(`${folder}b`, encode("x"), tooLarge));
      await failsWith("metadata_too_large", store.putStream(`${folder}b`, piecesOf(encode("x"), 1), tooLarge));
      await failsWith("metadata_too_large", store.openUpload(`${folder}b`, tooLarge));
      await failsWith(
        "metadata_invalid",
        store.put(`${folder}b`, encode("x"), { ...plain, metadata: { "No Header": "x" } }),
      );
      await failsWith("object_missing", store.head(`${folder}b`));
    },
  },
  {
    name: "an aborted signal rejects with its reason and stores nothing",
    async run(store, folder) {
      const reason = new Error("the sample was called off");
      const signal = AbortSignal.abort(reason);
      const isReason = (error: unknown) => error === reason;
      await store.put(`${folder}there`, encode("x"), plain);
      await rejects(store.head(`${folder}there`, {}, signal), isReason);
      await rejects(store.get(`${folder}there`, {}, signal), isReason);
      await rejects(store.put(`${folder}a`, encode("x"), plain, signal), isReason);
      await rejects(store.putStream(`${folder}a`, piecesOf(encode("x"), 1), plain, signal), isReason);
      await rejects(store.openUpload(`${folder}a`, plain, signal), isReason);
      await rejects(store.copy(`${folder}there`, `${folder}a`, {}, signal), isReason);
      await rejects(store.remove([`${folder}there`], signal), isReason);
      await rejects(async () => {
        for await (const _ of store.list(folder, signal));
      }, isReason);
      deepStrictEqual(await keysUnder(store, folder), [`${folder}there`]);
    },
  },
  {
    name: "a body is stopped by the signal while it is read",
    async run(store, folder) {
      await store.put(`${folder}a`, sampleBytes(8 * MEBIBYTE), plain);
      const stop = new AbortController();
      const reader = (await store.get(`${folder}a`, {}, stop.signal)).body.getReader();
      await reader.read();
      const reason = new Error("the sample was called off");
      stop.abort(reason);
      await rejects(reader.read(), (error) => error === reason);
    },
  },
  {
    name: "a stream is stopped by the signal while its source stands still",
    async run(store, folder) {
      const stop = new AbortController();
      const reason = new Error("the sample was called off");
      async function* standingStill() {
        yield sampleBytes(MEBIBYTE);
        setImmediate(() => stop.abort(reason));
        await new Promise(() => {});
      }
      await rejects(store.putStream(`${folder}a`, standingStill(), plain, stop.signal), (error) => error === reason);
      await failsWith("object_missing", store.head(`${folder}a`));
    },
  },
];

async function consumed(store: ObjectStore, key: string) {
  const content = await store.get(key);
  await content.body.cancel();
  return content;
}

function numberedKeys(folder: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${folder}${String(index).padStart(4, "0")}`);
}

async function inBatches<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < items.length; start += 16) await Promise.all(items.slice(start, start + 16).map(work));
}
