import { createCipheriv, createHash } from "node:crypto";
import { join } from "node:path";
import { ObjectFiles } from "../local/object_files.ts";
import { emptyStorage, objectName } from "./object_rows.ts";
import type { Stage } from "./stage.ts";

export interface FileSet {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
}

/**
 * Fills Storage with files of one size and different bytes, the same for the same seed. The files and their rows are
 * put where the Storage API keeps them, since uploading ten thousand files would take longer than the bench.
 */
export async function fillFiles(stage: Stage, { files, bytes }: FileSet, seed: number): Promise<void> {
  await emptyStorage(stage);
  const folder = join(stage.folder, "stack", "objects");
  await Deno.remove(folder, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  const objects = new ObjectFiles(folder);
  const content = noise(bytes, seed);
  const names: string[] = [];
  const etags: string[] = [];
  for (let number = 0; number < files; number++) {
    new DataView(content.buffer).setUint32(0, number);
    const { eTag } = await objects.uploadObject(
      "bench",
      objectName(number),
      undefined,
      content,
      "application/octet-stream",
      "max-age=3600",
    );
    names.push(objectName(number));
    etags.push(eTag);
  }
  await stage.sql(
    `insert into storage.objects (bucket_id, name, metadata, version)
     select 'bench', name, jsonb_build_object('eTag', etag, 'size', $3::int8, 'contentLength', $3::int8, 'mimetype',
       'application/octet-stream', 'cacheControl', 'max-age=3600', 'lastModified', now(), 'httpStatusCode', 200),
       gen_random_uuid()
     from unnest($1::text[], $2::text[]) as files(name, etag)`,
    [names, etags, bytes],
  );
  await stage.sql("analyze storage.objects");
}

/** Bytes that cannot be compressed, like those of pictures and videos, from a key stream. */
function noise(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const key = createHash("sha256").update(`lifeboat bench ${seed}`).digest();
  return new Uint8Array(createCipheriv("aes-256-ctr", key, new Uint8Array(16)).update(new Uint8Array(length)));
}
