import type { PutOptions } from "../../store/object_store.ts";

/** How an object is described in S3, and what of it S3 cannot carry. */
export interface Description {
  readonly options: PutOptions;
  /** A sentence for the owner; absent when S3 carries everything. The manifest always holds it all. */
  readonly warning?: string;
}

/** S3 counts 2,048 bytes of user metadata, names and values; the rest is room for how the adapter encodes it. */
const LARGEST_METADATA_BYTES = 1_800;

/** Turns what Storage knows of an object into what S3 is told. Never fails: what a header cannot hold is left to the manifest. */
export function describeForS3(
  mimeType: string | undefined,
  cacheControl: string | undefined,
  userMetadata: unknown,
): Description {
  const notes: string[] = [];
  const contentType = mimeType?.trim();
  if (contentType && !isHeaderText(contentType)) notes.push("its content type");
  if (cacheControl && !isHeaderText(cacheControl)) notes.push("its cache control");
  const metadata = metadataForS3(userMetadata);
  if (metadata === undefined) notes.push("its user metadata");
  return {
    options: {
      contentType: contentType && isHeaderText(contentType) ? contentType : "application/octet-stream",
      ...(cacheControl && isHeaderText(cacheControl) ? { cacheControl } : {}),
      ...(metadata && Object.keys(metadata).length > 0 ? { metadata } : {}),
    },
    ...(notes.length > 0
      ? { warning: `S3 cannot carry ${notes.join(" and ")} as it is; the media manifest holds it.` }
      : {}),
  };
}

/** All of it or nothing: half of somebody's metadata would look whole. */
function metadataForS3(userMetadata: unknown): Record<string, string> | undefined {
  if (userMetadata === null || userMetadata === undefined) return {};
  if (typeof userMetadata !== "object" || Array.isArray(userMetadata)) return undefined;
  const metadata: Record<string, string> = {};
  let bytes = 0;
  for (const [name, value] of Object.entries(userMetadata)) {
    const key = name.toLowerCase();
    if (!/^[a-z0-9][a-z0-9._-]*$/.test(key) || key.startsWith("lifeboat-") || Object.hasOwn(metadata, key)) {
      return undefined;
    }
    const text = typeof value === "string" ? value : JSON.stringify(value);
    metadata[key] = text;
    bytes += key.length + encodedBytes(text);
  }
  return bytes <= LARGEST_METADATA_BYTES ? metadata : undefined;
}

function encodedBytes(text: string): number {
  return isHeaderText(text) ? text.length : encodeURIComponent(text).length;
}

function isHeaderText(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
