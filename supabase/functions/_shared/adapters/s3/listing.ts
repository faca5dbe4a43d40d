import { ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import type { ListedObject } from "../../engine/store/object_store.ts";
import type { S3Connection } from "./connection.ts";
import { otherFailure } from "./failures.ts";
import { plainETag } from "./integrity.ts";

/** Lists every object under a prefix, 1,000 with each request. A listing that breaks off throws instead of ending. */
export async function* listObjects(
  client: S3Client,
  connection: S3Connection,
  prefix: string,
  signal?: AbortSignal,
  after?: string,
): AsyncGenerator<ListedObject, void, undefined> {
  const call = { operation: "s3.list", subject: prefix };
  let continuation: string | undefined;
  do {
    const page = await connection.ask(call, signal, (abortSignal) =>
      client.send(
        new ListObjectsV2Command({
          Bucket: connection.settings.bucket,
          Prefix: prefix,
          StartAfter: after,
          ContinuationToken: continuation,
          // Without this a name that XML cannot hold would make the whole page unreadable.
          EncodingType: "url",
        }),
        { abortSignal },
      ));
    const isEncoded = page.EncodingType === "url";
    for (const object of page.Contents ?? []) {
      const { Key, Size, LastModified } = object;
      if (Key === undefined || Size === undefined || LastModified === undefined) {
        throw otherFailure("an entry of the listing has no key, size or time", call.operation, Key ?? prefix);
      }
      const key = isEncoded ? decodeURIComponent(Key.replaceAll("+", " ")) : Key;
      yield { key, sizeBytes: Size, etag: plainETag(object.ETag, call.operation, key), lastModified: LastModified };
    }
    const next = page.NextContinuationToken;
    if (page.IsTruncated && (!next || next === continuation)) {
      throw otherFailure("the listing says that it goes on, but not where", call.operation, prefix);
    }
    continuation = page.IsTruncated ? next : undefined;
  } while (continuation);
}
