import { createHash } from "node:crypto";
import { join } from "node:path";
import { startOfRange } from "./byte_range.ts";

/** Metadata as lite's contract for storage adapters names it. */
export interface ObjectMetadata {
  readonly cacheControl: string;
  readonly contentLength: number;
  readonly size: number;
  readonly mimetype: string;
  readonly lastModified: Date;
  readonly eTag: string;
  readonly httpStatusCode: number;
}

type Body = Uint8Array | ReadableStream<Uint8Array>;

/**
 * Keeps Storage objects as files. Lite's own adapter forgets content type and cache control on reading and answers
 * another ETag than `storage.objects` has, which hosted Supabase never does; it also uses names as paths. Here the
 * digest of bucket and key names a file, so that any name is safe.
 */
export class ObjectFiles {
  readonly driver = "files";

  constructor(private readonly folder: string) {}

  async uploadObject(
    bucket: string,
    key: string,
    _version: string | undefined,
    body: Body,
    contentType: string,
    cacheControl: string,
  ): Promise<ObjectMetadata> {
    const bytes = body instanceof Uint8Array ? new Uint8Array(body) : await new Response(body).bytes();
    const metadata = { mimetype: contentType, cacheControl, eTag: `"${md5(bytes)}"` };
    const path = await this.#path(bucket, key);
    await Deno.mkdir(this.folder, { recursive: true });
    await Deno.writeFile(path, bytes);
    await Deno.writeTextFile(`${path}.json`, JSON.stringify({ bucket, key, ...metadata }));
    return this.headObject(bucket, key);
  }

  /** Reads from `startOfRange` on, or the whole object if that is past its end. Lite does not pass conditions on. */
  async getObject(
    bucket: string,
    key: string,
  ): Promise<{ metadata: ObjectMetadata; httpStatusCode: number; body: ReadableStream<Uint8Array> }> {
    const metadata = await this.headObject(bucket, key);
    const file = await Deno.open(await this.#path(bucket, key));
    if (startOfRange() < metadata.size) await file.seek(startOfRange(), Deno.SeekMode.Start);
    return { metadata, httpStatusCode: 200, body: file.readable };
  }

  async headObject(bucket: string, key: string): Promise<ObjectMetadata> {
    const path = await this.#path(bucket, key);
    const [stat, text] = await Promise.all([Deno.stat(path), Deno.readTextFile(`${path}.json`)]);
    const { mimetype, cacheControl, eTag } = JSON.parse(text);
    return {
      cacheControl,
      mimetype,
      eTag,
      contentLength: stat.size,
      size: stat.size,
      lastModified: stat.mtime ?? new Date(0),
      httpStatusCode: 200,
    };
  }

  async copyObject(
    sourceBucket: string,
    source: string,
    _version: string | undefined,
    bucket: string,
    key: string,
  ): Promise<{ httpStatusCode: number; eTag: string; lastModified: Date }> {
    const metadata = await this.headObject(sourceBucket, source);
    const bytes = await Deno.readFile(await this.#path(sourceBucket, source));
    const copy = await this.uploadObject(bucket, key, undefined, bytes, metadata.mimetype, metadata.cacheControl);
    return { httpStatusCode: 200, eTag: copy.eTag, lastModified: copy.lastModified };
  }

  async deleteObject(bucket: string, key: string): Promise<void> {
    const path = await this.#path(bucket, key);
    for (const file of [path, `${path}.json`]) {
      await Deno.remove(file).catch((error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      });
    }
  }

  async deleteObjects(bucket: string, keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.deleteObject(bucket, key);
  }

  async privateAssetUrl(bucket: string, key: string): Promise<string> {
    return `file://${await this.#path(bucket, key)}`;
  }

  async #path(bucket: string, key: string): Promise<string> {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${bucket}/${key}`));
    return join(this.folder, new Uint8Array(digest).toHex());
  }
}

function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}
