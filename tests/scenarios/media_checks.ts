import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { type BackupHistoryRow, mediaDetails } from "../../supabase/functions/_shared/contract/mod.ts";
import { mediaKey } from "../../supabase/functions/_shared/engine/format/keys.ts";
import { loadMediaManifest, readObject, sha256 } from "../support/bucket_contents.ts";
import type { LiveProject } from "../support/live_project.ts";

export interface ListedFile {
  readonly bucket: string;
  readonly path: string;
}

export async function listFiles(project: LiveProject): Promise<ListedFile[]> {
  return await project.sql<ListedFile>(
    `select bucket_id as bucket, name as path from storage.objects order by bucket_id collate "C", name collate "C"`,
  );
}

/** Fails unless the bucket holds what Storage serves for each file, at the key that bucket and path lead to. */
export async function assertFilesAreInBucket(project: LiveProject): Promise<void> {
  const { details, bucket: store } = project;
  const files = await listFiles(project);
  ok(files.length >= 43);
  for (const { bucket, path } of files) {
    const name = `${bucket}/${path}`;
    const address = name.split("/").map(encodeURIComponent).join("/");
    const response = await fetch(`${details.apiUrl}/storage/v1/object/${address}`, {
      headers: { apikey: details.secretKey },
    });
    strictEqual(response.status, 200, name);
    const served = await response.bytes();
    const { key } = await mediaKey(bucket, path);
    const { info, body } = await store.get(key);
    const stored = await new Response(body).bytes();
    deepStrictEqual(
      [name, stored.length, sha256(stored), info.contentType, info.cacheControl],
      [
        name,
        served.length,
        sha256(served),
        response.headers.get("content-type"),
        response.headers.get("cache-control"),
      ],
    );
  }
}

export async function assertMediaManifest(project: LiveProject, run: BackupHistoryRow): Promise<void> {
  const manifest = await loadMediaManifest(project.bucket, run.s3_key!);
  const files = await listFiles(project);
  deepStrictEqual(manifest.objects.map(({ bucket, path }) => ({ bucket, path })), files);
  for (const object of manifest.objects) {
    const stored = await readObject(project.bucket, object.s3Key);
    deepStrictEqual([object.path, object.size, object.sha256], [object.path, stored.length, sha256(stored)]);
    strictEqual((object.userMetadata as { source?: string })?.source, "sample");
  }

  const totals = await project.sql<{ bucket: string; files: number; bytes: number }>(
    `select b.id as bucket, count(o.id)::int4 as files, coalesce(sum((o.metadata ->> 'size')::int4), 0)::int4 as bytes
     from storage.buckets b left join storage.objects o on o.bucket_id = b.id group by b.id order by b.id collate "C"`,
  );
  const rest = { unchanged: 0, skipped: 0 };
  const expected = totals.map(({ bucket, files, bytes }) => ({ bucket, files, bytes, copied: files, ...rest }));
  deepStrictEqual(mediaDetails.parse(run.details).buckets, expected);
  deepStrictEqual(
    manifest.buckets.map(({ bucket, files, bytes, copied, unchanged, skipped }) => ({
      bucket,
      files,
      bytes,
      copied,
      unchanged,
      skipped,
    })),
    expected,
  );
  const bytes = totals.reduce((sum, bucket) => sum + bucket.bytes, 0);
  deepStrictEqual(manifest.totals, { files: 43, bytes, copied: 43, unchanged: 0, skipped: 0, skewed: 0 });
  deepStrictEqual([run.files, run.bytes, manifest.skipped], [43, bytes, []]);
  const newest = await readObject(project.bucket, "media-backups/manifest.json");
  deepStrictEqual(JSON.parse(new TextDecoder().decode(newest)), manifest);
}

export async function assertR2Inventory(project: LiveProject, run: BackupHistoryRow): Promise<void> {
  const bytes = await readObject(project.bucket, run.s3_key!.replace(/media\.json\.gz$/, "r2.json"));
  const inventory = JSON.parse(new TextDecoder().decode(bytes));
  const named = await project.sql<{ table: string; path: string; url: string; size: number | null; id: string }>(
    `select 'public.content_library' as table, r2_key as path, r2_url as url, size_bytes::float8 as size, id::text
       from content_library where r2_key is not null or r2_url is not null
     union all
     select 'public.booking_deliverables', r2_key, r2_url, size_bytes::float8, id::text
       from booking_deliverables where r2_key is not null or r2_url is not null`,
  );
  ok(named.length > 0);
  const lines = (rows: object[]) => rows.map((row) => JSON.stringify(row)).sort();
  deepStrictEqual(
    // deno-lint-ignore no-explicit-any -- the file as anybody would read it.
    lines(inventory.items.map(({ table, path, url, size, row }: any) => ({ table, path, url, size, id: row.id }))),
    lines(named.map(({ table, path, url, size, id }) => ({ table, path, url, size, id }))),
  );
  const total = named.reduce((sum, { size }) => sum + (size ?? 0), 0);
  deepStrictEqual([inventory.totals.items, inventory.totals.bytes], [named.length, total]);
  const figures = mediaDetails.parse(run.details).r2!;
  deepStrictEqual([figures.items, figures.bytes], [named.length, total]);
  deepStrictEqual(await readObject(project.bucket, "media-backups/r2-inventory.json"), bytes);
}
