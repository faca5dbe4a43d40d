import type { ObjectStore } from "../../engine/store/object_store.ts";
import { createS3Client } from "./client.ts";
import { S3Connection } from "./connection.ts";
import { copyObject } from "./copy.ts";
import { plainETag } from "./integrity.ts";
import { listObjects } from "./listing.ts";
import { putHeaders } from "./put_options.ts";
import { S3Reader } from "./reader.ts";
import { removeObjects } from "./removal.ts";
import { locateBucket, objectUrl, type S3Settings } from "./settings.ts";
import { SignedPut } from "./signed_put.ts";
import { createSizedPut } from "./sized_put.ts";
import { uploadStream } from "./stream_upload.ts";
import { beginUpload, S3Upload } from "./upload.ts";

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
