import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { hasCode } from "../../engine/errors.ts";
import { locateBucket, objectUrl } from "./settings.ts";

const base = { bucket: "sample", region: "eu-central-1", accessKeyId: "sample", secretAccessKey: "sample" };
const located = (changes = {}) => locateBucket({ ...base, ...changes }).bucketUrl;

Deno.test("the bucket is found where each provider has it", () => {
  strictEqual(located(), "https://sample.s3.eu-central-1.amazonaws.com");
  strictEqual(located({ region: "cn-north-1" }), "https://sample.s3.cn-north-1.amazonaws.com.cn");
  strictEqual(located({ bucket: "a.b" }), "https://s3.eu-central-1.amazonaws.com/a.b");
  strictEqual(located({ forcePathStyle: true }), "https://s3.eu-central-1.amazonaws.com/sample");
  strictEqual(located({ endpoint: "https://r2.example.com/" }), "https://r2.example.com/sample");
  strictEqual(located({ endpoint: "https://r2.example.com", forcePathStyle: false }), "https://sample.r2.example.com");
  strictEqual(
    located({ endpoint: "http://127.0.0.1:9000/storage/v1/s3" }),
    "http://127.0.0.1:9000/storage/v1/s3/sample",
  );
});

Deno.test("an endpoint that is not a plain address is refused without repeating it", () => {
  for (
    const endpoint of [
      "s3.example.com",
      "ftp://example.com",
      "https://user:secret@example.com",
      "https://example.com/?a=b",
    ]
  ) {
    throws(
      () => located({ endpoint }),
      (error) => hasCode(error, "s3_endpoint_invalid") && !error.message.includes("secret"),
    );
  }
});

Deno.test("an object's address holds its key and nothing else, or there is none", () => {
  const location = locateBucket({ ...base, endpoint: "https://s3.example.com" });
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("a/../b", "a//b", "%2e%2e/a", "a/.")),
      (key) => {
        let url: string;
        try {
          url = objectUrl(location, key, "s3.test");
        } catch (error) {
          if (hasCode(error, "key_unsafe")) return;
          throw error;
        }
        const { pathname, search, hash } = new URL(url);
        deepStrictEqual([decodeURIComponent(pathname), search, hash], [`/sample/${key}`, "", ""]);
      },
    ),
    { numRuns: 2000 },
  );
});
