import type { ObjectStore } from "../engine/store/object_store.ts";
import { createS3Client } from "./s3_client.ts";
import { S3Connection } from "./s3_connection.ts";
import { copyObject } from "./s3_copy.ts";
import { plainETag } from "./s3_integrity.ts";
import { listObjects } from "./s3_listing.ts";
import { putHeaders } from "./s3_put_options.ts";
import { S3Reader } from "./s3_reader.ts";
import { removeObjects } from "./s3_removal.ts";
import { locateBucket, objectUrl, type S3Settings } from "./s3_settings.ts";
import { SignedPut } from "./s3_signed_put.ts";
import { createSizedPut } from "./s3_sized_put.ts";
import { uploadStream } from "./s3_stream_upload.ts";
import { beginUpload, S3Upload } from "./s3_upload.ts";

/**
 * A bucket of AWS S3 or of a provider that speaks its protocol. Nothing is sent before the first method is called, and
 * nothing is tried twice: stack `retryingStore` on it. Throws `s3_endpoint_invalid`.
 */
export function createS3ObjectStore(settings: S3Settings): ObjectStore {
  const location = locateBucket(settings);
  const connection = new S3Connection(settings, location);
  const client = createS3Client(settings, location);
  const reader = new S3Reader(client, connection);
  const signedPut = new SignedPut(connection);
  const sizedPut = createSizedPut(connection);

  const store: ObjectStore = {
    head: (key, options, signal) => reader.head(key, options, signal),
    get: (key, options, signal) => reader.get(key, options, signal),
    list: (prefix, signal) => listObjects(client, connection, prefix, signal),
    async put(key, body, options, signal) {
      const call = { operation: "s3.put", subject: key };
      const url = objectUrl(location, key, call.operation);
      const headers = await signedPut.send(url, putHeaders(options, settings, key), body, call, signal, options.md5);
      return {
        key,
        etag: plainETag(headers.get("etag"), call.operation, key),
        versionId: headers.get("x-amz-version-id") ?? undefined,
        sizeBytes: body.byteLength,
      };
    },
    putStream: (key, body, { sizeBytes, ...options }, signal) =>
      sizeBytes === undefined
        ? uploadStream(client, connection, key, body, options, signal)
        : sizedPut(key, body, { ...options, sizeBytes }, signal),
    async openUpload(key, options, signal) {
      objectUrl(location, key, "s3.openUpload");
      const uploadId = options.uploadId ?? await beginUpload(client, connection, key, options, signal);
      return new S3Upload(uploadId, key, client, connection, signedPut, (key, signal) => reader.head(key, {}, signal));
    },
    async copy(fromKey, toKey, options = {}, signal) {
      objectUrl(location, toKey, "s3.copy");
      // What is copied is what this answer tells of: the copy itself asks for its ETag.
      const from = await reader.head(fromKey, { versionId: options.versionId, ifMatch: options.ifMatch }, signal);
      const openUpload = () => store.openUpload(toKey, { contentType: "application/octet-stream", ...from }, signal);
      return await copyObject(client, connection, from, toKey, options, openUpload, signal);
    },
    remove: (keys, signal) => removeObjects(client, connection, keys, signal),
  };
  return store;
}
