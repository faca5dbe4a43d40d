import { createHash } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { hasCode } from "../../engine/errors.ts";
import type {
  MultipartUpload,
  ObjectInfo,
  PutOptions,
  StoredObject,
  UploadedPart,
} from "../../engine/store/object_store.ts";
import type { S3Connection } from "./connection.ts";
import { otherFailure, unavailableFailure } from "./failures.ts";
import { plainETag } from "./integrity.ts";
import { putFields } from "./put_options.ts";
import { objectUrl } from "./settings.ts";
import type { SignedRequests } from "./signed_requests.ts";

/** An upload in parts. The SDK begins and ends it; the parts themselves are sent by `SignedRequests`, at less CPU. */
export class S3Upload implements MultipartUpload {
  constructor(
    readonly uploadId: string,
    private readonly key: string,
    private readonly client: S3Client,
    private readonly connection: S3Connection,
    private readonly requests: SignedRequests,
    private readonly head: (key: string, signal?: AbortSignal) => Promise<ObjectInfo>,
  ) {}

  async putPart(number: number, bytes: Uint8Array<ArrayBuffer>, signal?: AbortSignal): Promise<UploadedPart> {
    const call = { operation: "s3.putPart", subject: this.key };
    const url = `${objectUrl(this.connection.location, this.key, call.operation)}?partNumber=${number}&uploadId=${
      encodeURIComponent(this.uploadId)
    }`;
    const headers = await this.requests.put(url, {}, bytes, call, signal);
    return { number, etag: plainETag(headers.get("etag"), call.operation, this.key), sizeBytes: bytes.byteLength };
  }

  async complete(
    parts: readonly UploadedPart[],
    options: Pick<PutOptions, "ifNoneMatch" | "ifMatch"> = {},
    signal?: AbortSignal,
  ): Promise<StoredObject> {
    const ordered = [...parts].sort((one, other) => one.number - other.number);
    const sizeBytes = ordered.reduce((sum, part) => sum + part.sizeBytes, 0);
    const call = { operation: "s3.complete", subject: this.key, movedBytes: sizeBytes };
    if (ordered.length === 0) throw otherFailure("an upload needs at least one part", call.operation, this.key);
    try {
      const result = await this.connection.ask(call, signal, (abortSignal) =>
        this.client.send(
          new CompleteMultipartUploadCommand({
            Bucket: this.connection.settings.bucket,
            Key: this.key,
            UploadId: this.uploadId,
            MultipartUpload: { Parts: ordered.map((part) => ({ PartNumber: part.number, ETag: `"${part.etag}"` })) },
            IfNoneMatch: options.ifNoneMatch ? "*" : undefined,
            IfMatch: options.ifMatch && `"${options.ifMatch}"`,
          }),
          { abortSignal },
        ));
      return {
        key: this.key,
        etag: plainETag(result.ETag, call.operation, this.key),
        versionId: result.VersionId,
        sizeBytes,
      };
    } catch (error) {
      if (!hasCode(error, "upload_missing", "store_precondition_failed")) throw error;
      return await this.#completedBefore(ordered, sizeBytes, error, signal);
    }
  }

  async abort(signal?: AbortSignal): Promise<void> {
    const call = { operation: "s3.abort", subject: this.key };
    try {
      await this.connection.ask(call, signal, (abortSignal) =>
        this.client.send(
          new AbortMultipartUploadCommand({
            Bucket: this.connection.settings.bucket,
            Key: this.key,
            UploadId: this.uploadId,
          }),
          { abortSignal },
        ));
    } catch (error) {
      if (!hasCode(error, "upload_missing")) throw error;
    }
  }

  /**
   * Whether an earlier `complete`, whose answer was lost, has succeeded: the object then exists and has the ETag that
   * exactly these parts give. Throws `refusal` when it does not.
   */
  async #completedBefore(
    parts: readonly UploadedPart[],
    sizeBytes: number,
    refusal: Error,
    signal?: AbortSignal,
  ): Promise<StoredObject> {
    const digest = createHash("md5");
    for (const part of parts) digest.update(part.etag, "hex");
    const etag = `${digest.digest("hex")}-${parts.length}`;
    let info: ObjectInfo;
    try {
      info = await this.head(this.key, signal);
    } catch (error) {
      throw hasCode(error, "object_missing") ? refusal : error;
    }
    if (info.etag !== etag || info.sizeBytes !== sizeBytes) throw refusal;
    return { key: this.key, etag, versionId: info.versionId, sizeBytes };
  }
}

/**
 * Begins an upload and returns its id. A repetition begins another upload; the first one is left to the bucket's
 * lifecycle rule.
 */
export async function beginUpload(
  client: S3Client,
  connection: S3Connection,
  key: string,
  options: PutOptions,
  signal?: AbortSignal,
): Promise<string> {
  const call = { operation: "s3.openUpload", subject: key };
  objectUrl(connection.location, key, call.operation);
  const fields = putFields(options, connection.settings, key);
  const { UploadId } = await connection.ask(call, signal, (abortSignal) =>
    client.send(
      new CreateMultipartUploadCommand({ Bucket: connection.settings.bucket, Key: key, ...fields }),
      { abortSignal },
    ));
  if (!UploadId) throw unavailableFailure("the answer has no upload id", call.operation, key);
  return UploadId;
}
