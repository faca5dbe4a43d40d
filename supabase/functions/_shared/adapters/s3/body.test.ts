import { rejects, strictEqual } from "node:assert/strict";
import { checkedBody } from "./body.ts";
import { S3Connection } from "./connection.ts";
import { locateBucket } from "./settings.ts";

Deno.test("a body of fewer or more bytes than were announced is an error, not an end", async () => {
  const settings = {
    bucket: "sample",
    region: "us-east-1",
    accessKeyId: "sample-id",
    secretAccessKey: "sample-secret",
  };
  const connection = new S3Connection(settings, locateBucket(settings));
  const read = (announced: number) => {
    const body = checkedBody(new Blob(["abc"]).stream(), announced, connection, { operation: "s3.get", subject: "a" });
    return new Response(body).text();
  };
  strictEqual(await read(3), "abc");
  for (const announced of [2, 4]) await rejects(read(announced), { code: "store_unavailable" });
});
