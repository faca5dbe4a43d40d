import type { S3Client } from "@aws-sdk/client-s3";
import type { ObjectStore } from "../../engine/store/object_store.ts";
import { S3Connection } from "./connection.ts";
import { plainETag } from "./integrity.ts";
import { putHeaders } from "./put_options.ts";
import { S3Reader } from "./reader.ts";
import { locateBucket, objectUrl, type S3Settings } from "./settings.ts";
import type { SizedPut } from "./sized_put.ts";
import { SignedRequests } from "./signed_requests.ts";

/**
 * A bucket of AWS S3 or of a provider with the same protocol. No request is sent before the first method is called, and
 * none is repeated; `retryingStore` does that. Throws `s3_endpoint_invalid`.
 */
export function createS3ObjectStore(settings: S3Settings): ObjectStore {
  const location = locateBucket(settings);
  const connection = new S3Connection(settings, location);
  const requests = new SignedRequests(connection);
  const reader = new S3Reader(requests, connection);
  // Loading the SDK takes 0.15 s of a worker's 2 s of CPU (docs/PERFORMANCE.md), so only methods that need it load it.
  let loading: Promise<S3Client> | undefined;
  const sdk = () => loading ??= import("./client.ts").then(({ createS3Client }) => createS3Client(settings, location));
  let sizedPut: SizedPut | undefined;

  const store: ObjectStore = {
    head: (key, options, signal) => reader.head(key, options, signal),
    get: (key, options, signal) => reader.get(key, options, signal),
    async *list(prefix, signal, after) {
      const [client, { listObjects }] = await Promise.all([sdk(), import("./listing.ts")]);
      yield* listObjects(client, connection, prefix, signal, after);
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
      if (sizeBytes === undefined) {
        const [client, { uploadStream }] = await Promise.all([sdk(), import("./stream_upload.ts")]);
        return await uploadStream(client, connection, key, body, options, signal);
      }
      sizedPut ??= (await import("./sized_put.ts")).createSizedPut(connection);
      return await sizedPut(key, body, { ...options, sizeBytes }, signal);
    },
    async openUpload(key, options, signal) {
      objectUrl(location, key, "s3.openUpload");
      const [client, { beginUpload, S3Upload }] = await Promise.all([sdk(), import("./upload.ts")]);
      const uploadId = options.uploadId ?? await beginUpload(client, connection, key, options, signal);
      return new S3Upload(uploadId, key, client, connection, requests, (key, signal) => reader.head(key, {}, signal));
    },
    async copy(fromKey, toKey, options = {}, signal) {
      objectUrl(location, toKey, "s3.copy");
      // The copy requires the ETag of this answer, so that no other bytes are copied.
      const from = await reader.head(fromKey, { versionId: options.versionId, ifMatch: options.ifMatch }, signal);
      const openUpload = () => store.openUpload(toKey, { contentType: "application/octet-stream", ...from }, signal);
      const [client, { copyOnServer }] = await Promise.all([sdk(), import("./copy.ts")]);
      return await copyOnServer(client, connection, from, toKey, options, openUpload, signal);
    },
    async remove(keys, signal) {
      const [client, { removeObjects }] = await Promise.all([sdk(), import("./removal.ts")]);
      await removeObjects(client, connection, keys, signal);
    },
  };
  return store;
}
