import type { PutOptions } from "../../engine/store/object_store.ts";
import { encodeMetadata } from "./metadata.ts";
import type { S3Settings } from "./settings.ts";

/** The put options, other than conditions, as fields of the SDK's commands. */
export function putFields(options: PutOptions, settings: S3Settings, key: string) {
  return {
    ContentType: options.contentType,
    CacheControl: options.cacheControl,
    ContentDisposition: options.contentDisposition,
    Metadata: options.metadata && encodeMetadata(options.metadata, key),
    ServerSideEncryption: settings.serverSideEncryption,
  };
}

/** The put options as headers of a request that is sent without the SDK. */
export function putHeaders(options: PutOptions, settings: S3Settings, key: string): Record<string, string> {
  const headers: Record<string, string | undefined> = {
    "content-type": options.contentType,
    "cache-control": options.cacheControl,
    "content-disposition": options.contentDisposition,
    "if-none-match": options.ifNoneMatch ? "*" : undefined,
    "if-match": options.ifMatch && `"${options.ifMatch}"`,
    "x-amz-server-side-encryption": settings.serverSideEncryption,
  };
  for (const [name, value] of Object.entries(encodeMetadata(options.metadata ?? {}, key))) {
    headers[`x-amz-meta-${name}`] = value;
  }
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
