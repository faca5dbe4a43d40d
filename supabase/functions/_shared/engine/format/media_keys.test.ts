import { deepStrictEqual, notStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { hasCode } from "../errors.ts";
import { archiveKey, KEY_LIMITS, mediaKey } from "./keys.ts";
import { utf8Bytes } from "./safe_key.ts";

/** Names made of what is dangerous, next to any Unicode. */
const piece = fc.constantFrom(
  ".",
  "..",
  "...",
  "",
  "/",
  "//",
  "%2e%2e",
  "%2F",
  "%",
  "#",
  "?",
  "\\",
  "\u0000",
  "\n",
  " ",
  "a",
  "b",
);
const path = fc.oneof(
  fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join("")),
  fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join("/")),
  fc.string({ unit: "binary", maxLength: 40 }).filter((text) => text.isWellFormed()),
  fc.string({ unit: "grapheme", minLength: 150, maxLength: 400 }).map((text) => `${text}/${text}`),
);
const bucket = fc.oneof(
  fc.constantFrom(
    "a",
    "b",
    "a/b",
    "archive",
    "manifest.json",
    "r2-inventory.json",
    ".overflow",
    ".",
    "..",
    "",
    "a b",
    "%2F",
  ),
  path,
);

Deno.test("an object lies under its bucket and path", async () => {
  deepStrictEqual(await mediaKey("profile-images", "a/Zoë 1.png"), {
    key: "media-backups/profile-images/a/Zoë 1.png",
    overflow: false,
  });
  deepStrictEqual(await archiveKey("profile-images", "a.png", "1f0e-4c"), {
    key: "media-archive/profile-images/a.png/1f0e-4c",
    overflow: false,
  });
});

Deno.test("buckets with names of ours collide with nothing", async () => {
  strictEqual((await mediaKey("archive", "a")).key, "media-backups/archive/a");
  for (const name of ["manifest.json", "r2-inventory.json", ".overflow"]) {
    const { key, overflow } = await mediaKey(name, "a");
    ok(overflow && /^media-backups\/\.overflow\/[0-9a-f]{64}$/.test(key), key);
    ok((await archiveKey(name, "a", "v1")).overflow);
  }
});

Deno.test("names that something on the way would change go to overflow keys", async () => {
  const names = [
    "a/../b",
    "./a",
    "..",
    "a//b",
    "/a",
    "a/",
    "",
    "a\nb",
    "a\u0085b",
    "x".repeat(201),
    "y/".repeat(500) + "y",
  ];
  for (const name of names) ok((await mediaKey("a", name)).overflow, JSON.stringify(name));
  for (const name of ["%2e%2e/a", "a..", "a+b&c#d?e", "back\\slash", "😀", "x".repeat(200)]) {
    ok(!(await mediaKey("a", name)).overflow, name);
  }
});

Deno.test("an overflow key is the SHA-256 of bucket and path, as anybody can compute it", async () => {
  // printf 'a/a/../b' | sha256sum
  strictEqual(
    (await mediaKey("a", "a/../b")).key,
    "media-backups/.overflow/" + await sha256("a/a/../b"),
  );
});

Deno.test("distinct objects never share a key", async () => {
  await fc.assert(
    fc.asyncProperty(bucket, path, bucket, path, async (bucketA, pathA, bucketB, pathB) => {
      fc.pre(bucketA !== bucketB || pathA !== pathB);
      notStrictEqual((await mediaKey(bucketA, pathA)).key, (await mediaKey(bucketB, pathB)).key);
    }),
    { numRuns: 1500 },
  );
});

Deno.test("one text cut into bucket and path at different slashes gives different keys", async () => {
  const pieces = fc.array(fc.constantFrom("a", "b", "", "..", "%2F", ".overflow"), { minLength: 3, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(pieces, fc.nat(), fc.nat(), async (pieces, one, other) => {
      const cuts = [1 + one % (pieces.length - 1), 1 + other % (pieces.length - 1)];
      fc.pre(cuts[0] !== cuts[1]);
      const [first, second] = await Promise.all(
        cuts.map((cut) => mediaKey(pieces.slice(0, cut).join("/"), pieces.slice(cut).join("/"))),
      );
      notStrictEqual(first.key, second.key);
    }),
    { numRuns: 1500 },
  );
});

Deno.test("distinct objects or versions never share an archive key, nor one with a newest copy", async () => {
  const version = fc.oneof(fc.constantFrom("v1", "v2", "..", "", "a/v1"), fc.uuid());
  await fc.assert(
    fc.asyncProperty(bucket, path, version, bucket, path, version, async (...names) => {
      const [bucketA, pathA, versionA, bucketB, pathB, versionB] = names;
      fc.pre(bucketA !== bucketB || pathA !== pathB || versionA !== versionB);
      const { key } = await archiveKey(bucketA, pathA, versionA);
      notStrictEqual(key, (await archiveKey(bucketB, pathB, versionB)).key);
      notStrictEqual(key, (await mediaKey(bucketB, pathB)).key);
    }),
    { numRuns: 1500 },
  );
});

Deno.test("every key survives a URL, fits S3 with the longest prefix, and stays under its folder", async () => {
  await fc.assert(
    fc.asyncProperty(bucket, path, async (bucket, path) => {
      for (const { key } of [await mediaKey(bucket, path), await archiveKey(bucket, path, "v1")]) {
        const url = `https://s3.example.com/bucket/${key.split("/").map(encodeURIComponent).join("/")}`;
        strictEqual(new URL(url).href, url);
        strictEqual(decodeURIComponent(new URL(url).pathname), `/bucket/${key}`);
        ok(utf8Bytes(key) <= KEY_LIMITS.keyBytes);
        ok(/^media-(backups|archive)\/[^/]+\/[^/]/.test(key));
      }
    }),
    { numRuns: 1500 },
  );
});

Deno.test("a name that is not Unicode is refused", async () => {
  await rejects(mediaKey("a", "half \ud800"), (error) => hasCode(error, "key_unsafe"));
});

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
