import type { ObjectStore } from "../../engine/store/object_store.ts";
import { S3Connection } from "./connection.ts";
import { plainETag } from "./integrity.ts";
import { putHeaders } from "./put_options.ts";
import { S3Reader } from "./reader.ts";
import { locateBucket, objectUrl, type S3Location, type S3Settings } from "./settings.ts";
import { SignedRequests } from "./signed_requests.ts";

/**
 * A bucket of AWS S3 or of a provider that speaks its protocol. Nothing is sent before the first method is called, and
 * nothing is tried twice: stack `retryingStore` on it. Throws `s3_endpoint_invalid`.
 */
export function createS3ObjectStore(settings: S3Settings): ObjectStore {
  const location = locateBucket(settings);
  const connection = new S3Connection(settings, location);
  const requests = new SignedRequests(connection);
  const reader = new S3Reader(requests, connection);
  // Loading the SDK takes 0.15 s of a worker's 2 s of CPU (docs/PERFORMANCE.md): only what needs it pays for it.
  let sdk: ReturnType<typeof loadSdk> | undefined;
  const withSdk = () => sdk ??= loadSdk(settings, location, connection);

  const store: ObjectStore = {
    head: (key, options, signal) => reader.head(key, options, signal),
    get: (key, options, signal) => reader.get(key, options, signal),
    async *list(prefix, signal) {
      const { client, listObjects } = await withSdk();
      yield* listObjects(client, connection, prefix, signal);
    },
    async put(key, body, options, signal) {
      const call = { operation: "s3.put", subject: key };
      const url = objectUrl(location, key, call.operation);
      const headers = await requests.put(url, putHeaders(options, settings, key), body, call, signal, options.md5);
      return {
        key,
        etag: plainETag(headers.get("etag"), call.operation, key),
        versionId: headers.get("x-amz-version-id") ?? undefined,
        sizeBytes: body.byteLength,
      };
    },
    async putStream(key, body, { sizeBytes, ...options }, signal) {
      const { client, sizedPut, uploadStream } = await withSdk();
      return sizeBytes === undefined
        ? await uploadStream(client, connection, key, body, options, signal)
        : await sizedPut(key, body, { ...options, sizeBytes }, signal);
    },
    async openUpload(key, options, signal) {
      objectUrl(location, key, "s3.openUpload");
      const { client, beginUpload, S3Upload } = await withSdk();
      const uploadId = options.uploadId ?? await beginUpload(client, connection, key, options, signal);
      return new S3Upload(uploadId, key, client, connection, requests, (key, signal) => reader.head(key, {}, signal));
    },
    async copy(fromKey, toKey, options = {}, signal) {
      objectUrl(location, toKey, "s3.copy");
      // What is copied is what this answer tells of: the copy itself asks for its ETag.
      const from = await reader.head(fromKey, { versionId: options.versionId, ifMatch: options.ifMatch }, signal);
      const openUpload = () => store.openUpload(toKey, { contentType: "application/octet-stream", ...from }, signal);
      const { client, copyObject } = await withSdk();
      return await copyObject(client, connection, from, toKey, options, openUpload, signal);
    },
    async remove(keys, signal) {
      const { client, removeObjects } = await withSdk();
      await removeObjects(client, connection, keys, signal);
    },
  };
  return store;
}

async function loadSdk(settings: S3Settings, location: S3Location, connection: S3Connection) {
  const [{ createS3Client }, { copyObject }, { listObjects }, { removeObjects }, sized, stream, upload] = await Promise
    .all([
      import("./client.ts"),
      import("./copy.ts"),
      import("./listing.ts"),
      import("./removal.ts"),
      import("./sized_put.ts"),
      import("./stream_upload.ts"),
      import("./upload.ts"),
    ]);
  return {
    client: createS3Client(settings, location),
    copyObject,
    listObjects,
    removeObjects,
    sizedPut: sized.createSizedPut(connection),
    uploadStream: stream.uploadStream,
    beginUpload: upload.beginUpload,
    S3Upload: upload.S3Upload,
  };
}
