import { CopyObjectCommand, type S3Client, UploadPartCopyCommand } from "@aws-sdk/client-s3";
import type {
  CopyOptions,
  MultipartUpload,
  ObjectInfo,
  StoredObject,
  UploadedPart,
} from "../../engine/store/object_store.ts";
import type { S3Connection } from "./connection.ts";
import { plainETag } from "./integrity.ts";
import { encodeKey } from "./settings.ts";

/**
 * S3's limit for a CopyObject request or a copied part.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
const LARGEST_COPY_BYTES = 5 * 1024 ** 3;

/** The source of a copy: a version and an ETag, so that a copy never holds other bytes than those `head` described. */
interface CopySource {
  readonly CopySource: string;
  readonly CopySourceIfMatch: string;
}

function copySource(bucket: string, from: ObjectInfo, versionId?: string): CopySource {
  const version = versionId ? `?versionId=${encodeURIComponent(versionId)}` : "";
  return { CopySource: `${bucket}/${encodeKey(from.key)}${version}`, CopySourceIfMatch: `"${from.etag}"` };
}

/** Copies an object on the server, in parts when it is larger than 5 GiB. */
export function copyOnServer(
  client: S3Client,
  connection: S3Connection,
  from: ObjectInfo,
  toKey: string,
  options: CopyOptions,
  openUpload: () => Promise<MultipartUpload>,
  signal?: AbortSignal,
): Promise<StoredObject> {
  const source = copySource(connection.settings.bucket, from, options.versionId);
  return from.sizeBytes > (connection.settings.largestCopyBytes ?? LARGEST_COPY_BYTES)
    ? copyInParts(client, connection, from, toKey, source, openUpload, signal)
    : copyWhole(client, connection, from, toKey, source, signal);
}

async function copyWhole(
  client: S3Client,
  connection: S3Connection,
  from: ObjectInfo,
  toKey: string,
  source: CopySource,
  signal?: AbortSignal,
): Promise<StoredObject> {
  const call = { operation: "s3.copy", subject: from.key, movedBytes: from.sizeBytes };
  const { bucket, serverSideEncryption } = connection.settings;
  const result = await connection.ask(call, signal, (abortSignal) =>
    client.send(
      new CopyObjectCommand({ Bucket: bucket, Key: toKey, ServerSideEncryption: serverSideEncryption, ...source }),
      { abortSignal },
    ));
  return {
    key: toKey,
    etag: plainETag(result.CopyObjectResult?.ETag, call.operation, from.key),
    versionId: result.VersionId,
    sizeBytes: from.sizeBytes,
  };
}

async function copyInParts(
  client: S3Client,
  connection: S3Connection,
  from: ObjectInfo,
  toKey: string,
  source: CopySource,
  openUpload: () => Promise<MultipartUpload>,
  signal?: AbortSignal,
): Promise<StoredObject> {
  const partBytes = connection.settings.largestCopyBytes ?? LARGEST_COPY_BYTES;
  const upload = await openUpload();
  try {
    const parts: UploadedPart[] = [];
    for (let offset = 0; offset < from.sizeBytes; offset += partBytes) {
      const sizeBytes = Math.min(partBytes, from.sizeBytes - offset);
      const number = parts.length + 1;
      const call = { operation: "s3.copy", subject: from.key, movedBytes: sizeBytes };
      const result = await connection.ask(call, signal, (abortSignal) =>
        client.send(
          new UploadPartCopyCommand({
            Bucket: connection.settings.bucket,
            Key: toKey,
            UploadId: upload.uploadId,
            PartNumber: number,
            CopySourceRange: `bytes=${offset}-${offset + sizeBytes - 1}`,
            ...source,
          }),
          { abortSignal },
        ));
      parts.push({ number, etag: plainETag(result.CopyPartResult?.ETag, call.operation, from.key), sizeBytes });
    }
    return await upload.complete(parts, {}, signal);
  } catch (error) {
    // The copy's failure is the one to report. Parts that could not be removed are left to the bucket's lifecycle rule.
    await upload.abort().catch(() => {});
    throw error;
  }
}
