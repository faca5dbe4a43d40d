import { hasCode, LifeboatError } from "../../engine/errors.ts";
import type { StorageTarget, StorageUpload, TargetBucket } from "../../engine/restore/storage_target.ts";
import { asStream } from "./body.ts";
import { createHttpStorageSource, type StorageSettings } from "./http.ts";
import { askStorage, askStorageOk, type StorageAccess } from "./request.ts";
import { base64, hasMetadata, TUS_CHUNK_BYTES, uploadInChunks } from "./tus.ts";
import { uploadFailure } from "./upload.ts";
import { objectAddress } from "./url.ts";

/** Writes to the Storage of a project over HTTP, with the project's secret key. */
export function createHttpStorageTarget(settings: StorageSettings): StorageTarget {
  const source = createHttpStorageSource(settings);
  const access: StorageAccess = {
    base: `${settings.supabaseUrl.replace(/\/+$/, "")}/storage/v1`,
    secretKey: settings.secretKey,
    // A chunk of 6 MiB takes long over a slow line.
    answerTimeoutMs: Math.max(settings.stallTimeoutMs ?? 0, 120_000),
  };

  return {
    async buckets(signal) {
      const { text } = await askStorageOk(access, {
        url: `${access.base}/bucket`,
        method: "GET",
        operation: "storage.buckets",
        subject: access.base,
      }, signal);
      return asBuckets(text, access.base);
    },
    async createBucket(bucket, signal) {
      await askStorageOk(access, {
        url: `${access.base}/bucket`,
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          id: bucket.id,
          name: bucket.name,
          public: bucket.public,
          ...bucket.fileSizeLimit === null ? {} : { file_size_limit: bucket.fileSizeLimit },
          ...bucket.allowedMimeTypes === null ? {} : { allowed_mime_types: bucket.allowedMimeTypes },
        }),
        operation: "storage.createBucket",
        subject: bucket.id,
      }, signal);
    },
    async describe(bucket, path, signal) {
      try {
        const object = await source.open(bucket, path, { pastCache: true }, signal);
        await object.body.cancel();
        const { sizeBytes = null, etag = null, contentType = null } = object;
        return { sizeBytes, etag, contentType };
      } catch (error) {
        if (hasCode(error, "source_object_missing")) return undefined;
        throw error;
      }
    },
    async read(bucket, path, signal) {
      return asStream((await source.open(bucket, path, { pastCache: true }, signal)).body);
    },
    async upload(upload, signal) {
      if (upload.sizeBytes > TUS_CHUNK_BYTES && await uploadInChunks(access, upload, signal)) return;
      await uploadAtOnce(access, upload, signal);
    },
  };
}

/**
 * Uploads in one request, as supabase-js's `upload()` does, which keeps content type, cache control and user metadata.
 * A large file is sent in this way only to a Storage that does not know TUS; it then goes as a stream.
 */
async function uploadAtOnce(access: StorageAccess, upload: StorageUpload, signal?: AbortSignal): Promise<void> {
  const subject = `${upload.bucket}/${upload.path}`;
  const source = rememberFailure(await upload.open(signal));
  const isSmall = upload.sizeBytes <= TUS_CHUNK_BYTES;
  const body = isSmall ? new Uint8Array(await new Response(source.stream).arrayBuffer()) : source.stream;
  const answer = await askStorage(
    // A large upload has no time limit, since nobody knows how long it takes; the store it is read from reports stalls.
    isSmall ? access : { ...access, answerTimeoutMs: 2 ** 31 - 1 },
    {
      url: uploadAddress(access.base, upload),
      method: "POST",
      headers: {
        "x-upsert": String(upload.overwrite),
        "content-type": upload.contentType ?? "application/octet-stream",
        "cache-control": (upload.cacheControl ?? "no-cache").replace(/^(\d+)$/, "max-age=$1"),
        ...hasMetadata(upload.userMetadata) ? { "x-metadata": base64(JSON.stringify(upload.userMetadata)) } : {},
      },
      body,
      operation: "storage.upload",
      subject,
    },
    signal,
  ).catch((error) => {
    // When the source fails, `fetch` only reports a broken connection.
    throw source.failure() ?? error;
  });
  if (answer.status < 200 || answer.status > 299) throw uploadFailure(answer, subject);
}

/** Returns the same stream, and a function that returns the error with which the stream failed. */
function rememberFailure(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
  const reader = stream.getReader();
  let failure: unknown;
  return {
    failure: () => failure,
    stream: new ReadableStream<Uint8Array<ArrayBuffer>>({
      async pull(controller) {
        try {
          const next = await reader.read();
          if (next.done) controller.close();
          else controller.enqueue(next.value);
        } catch (error) {
          failure = error;
          throw error;
        }
      },
      cancel: (reason) => reader.cancel(reason),
    }, { highWaterMark: 0 }),
  };
}

/** The address for an upload. In a bucket that is named like a route it differs from the address for reading. */
function uploadAddress(base: string, { bucket, path }: StorageUpload): string {
  return objectAddress(base, bucket, path).replace(`${base}/object/authenticated/`, `${base}/object/`);
}

function asBuckets(text: string, subject: string): TargetBucket[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw notBuckets(subject, cause);
  }
  if (!Array.isArray(value)) throw notBuckets(subject);
  return value.map((bucket: Record<string, unknown>) => ({
    id: String(bucket.id),
    name: String(bucket.name ?? bucket.id),
    public: bucket.public === true,
    fileSizeLimit: typeof bucket.file_size_limit === "number" ? bucket.file_size_limit : null,
    allowedMimeTypes: Array.isArray(bucket.allowed_mime_types) ? bucket.allowed_mime_types.map(String) : null,
  }));
}

function notBuckets(subject: string, cause?: unknown): LifeboatError {
  return new LifeboatError({
    code: "source_failed",
    kind: "permanent",
    message: "Storage answered with something that is not its list of buckets.",
    hint: "Check that the project's address is right and that Storage is switched on.",
    operation: "storage.buckets",
    subject,
    cause,
  });
}
