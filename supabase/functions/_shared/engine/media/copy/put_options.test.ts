import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { describeForS3 } from "./put_options.ts";

Deno.test("type, cache control and user metadata go with the object", () => {
  deepStrictEqual(describeForS3("image/png", "max-age=3600", { Author: "Zoë", pages: 3, tags: ["a"] }), {
    options: {
      contentType: "image/png",
      cacheControl: "max-age=3600",
      metadata: { author: "Zoë", pages: "3", tags: '["a"]' },
    },
  });
  deepStrictEqual(describeForS3(undefined, undefined, null), { options: { contentType: "application/octet-stream" } });
});

Deno.test("metadata that S3 cannot carry whole stays in the manifest, with a warning", () => {
  for (
    const metadata of [{ "Größe": 1 }, { a: 1, A: 2 }, { "lifeboat-version": 1 }, [1], "text", {
      long: "x".repeat(2_000),
    }]
  ) {
    const { options, warning } = describeForS3("text/plain", undefined, metadata);
    strictEqual(options.metadata, undefined);
    ok(warning?.includes("user metadata"));
  }
});

Deno.test("a content type that no header can hold becomes the general one, with a warning", () => {
  const { options, warning } = describeForS3("text/plain\r\nx-evil: 1", undefined, null);
  strictEqual(options.contentType, "application/octet-stream");
  ok(warning?.includes("content type"));
});
