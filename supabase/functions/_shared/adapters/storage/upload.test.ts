import { strictEqual } from "node:assert/strict";
import { uploadFailure } from "./upload.ts";

const refused = (status: number, text = "") => uploadFailure({ status, text, headers: new Headers() }, "a/b").code;

Deno.test("an upload that Storage refuses for its size is told from one whose name is taken", () => {
  strictEqual(refused(413), "storage_too_large");
  strictEqual(refused(400, '{"statusCode":"413","error":"Payload too large"}'), "storage_too_large");
  strictEqual(refused(409), "storage_object_exists");
  strictEqual(refused(400, '{"statusCode":"409","error":"Duplicate"}'), "storage_object_exists");
});
