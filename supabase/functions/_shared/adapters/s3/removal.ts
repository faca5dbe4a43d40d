import { DeleteObjectsCommand, type S3Client } from "@aws-sdk/client-s3";
import type { S3Connection } from "./connection.ts";
import { unavailableFailure } from "./failures.ts";
import { objectUrl } from "./settings.ts";

/** S3's limit for the keys of one request. */
const KEYS_PER_REQUEST = 1000;

/** Removes objects. Throws unless the answer names every one of them as removed. */
export async function removeObjects(
  client: S3Client,
  connection: S3Connection,
  keys: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const operation = "s3.remove";
  for (const key of keys) objectUrl(connection.location, key, operation);
  for (let start = 0; start < keys.length; start += KEYS_PER_REQUEST) {
    const batch = keys.slice(start, start + KEYS_PER_REQUEST);
    const call = { operation, subject: batch.length === 1 ? batch[0] : `${batch[0]} and ${batch.length - 1} more` };
    const answer = await connection.ask(call, signal, (abortSignal) =>
      client.send(
        new DeleteObjectsCommand({
          Bucket: connection.settings.bucket,
          // CRC32, which the SDK would choose, fails on Deno 2.1.4 (`isArrayBufferView is not defined` in node:zlib).
          ChecksumAlgorithm: "MD5",
          // With Quiet set, an empty answer would read as "all are removed".
          Delete: { Objects: batch.map((Key) => ({ Key })), Quiet: false },
        }),
        { abortSignal },
      ));
    const gone = new Set(answer.Deleted?.map((object) => object.Key));
    for (const { Key, Code, Message } of answer.Errors ?? []) {
      if (Code !== "NoSuchKey") throw connection.refusal({ code: Code, message: Message }, { operation, subject: Key });
      gone.add(Key);
    }
    const left = batch.find((key) => !gone.has(key));
    if (left !== undefined) throw unavailableFailure("the answer does not say that it is gone", operation, left);
  }
}
