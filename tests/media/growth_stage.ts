import { fileURLToPath } from "node:url";
import type { S3Server } from "../support/s3_server.ts";
import type { MediaProject } from "./project.ts";

export interface GrowthFigures {
  readonly status: string;
  readonly files: number;
  readonly bytes: number;
  /** CPU time of each invocation. */
  readonly cpuSeconds: readonly number[];
  readonly peakMb: number;
  readonly wallSeconds: number;
}

/** Adds objects to Storage's table and records all of them as stored. No bytes of them exist. */
export async function pretendStored(project: MediaProject, objects: number): Promise<void> {
  await project.reset();
  await project.bucket("photos");
  await project.sql(
    `insert into storage.objects (bucket_id, name, version, metadata, created_at, updated_at)
      select 'photos', 'user ' || g % 1000 || '/picture ' || g || '.jpg', gen_random_uuid()::text,
        jsonb_build_object('eTag', '"' || md5(g::text) || '"', 'size', 20000 + g % 1000, 'mimetype', 'image/jpeg',
          'cacheControl', 'max-age=3600'), now(), now()
      from generate_series(1, ${objects}) g`,
  );
  await project.sql(
    `insert into lifeboat.media_objects (bucket_id, name, version, etag, size_bytes, mime_type, object_updated_at, s3_key,
        s3_etag, archive_key, md5, sha256)
      select bucket_id, name, version, trim('"' from metadata ->> 'eTag'), (metadata ->> 'size')::int8, 'image/jpeg',
        updated_at, 'media-backups/photos/' || name, trim('"' from metadata ->> 'eTag'),
        'media-archive/photos/' || name || '/' || version, trim('"' from metadata ->> 'eTag'),
        encode(sha256(convert_to(name, 'UTF8')), 'hex')
      from storage.objects`,
  );
  await project.sql("analyze storage.objects; analyze lifeboat.media_objects");
}

/** Makes one media run in a process of its own, with as many invocations as it takes. */
export async function runInChild(
  project: MediaProject,
  server: S3Server,
  recoveryPoint: string,
  stepBytes: number,
): Promise<GrowthFigures> {
  const settings = {
    databaseUrl: project.databaseUrl,
    supabaseUrl: project.storage.url,
    s3: server.settings,
    recoveryPoint,
    stepBytes,
  };
  const startedMs = performance.now();
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-check", "-A", "--v8-flags=--max-old-space-size=200"],
      fileURLToPath(new URL("growth_child.ts", import.meta.url)),
      JSON.stringify(settings),
    ],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const wallSeconds = Math.round((performance.now() - startedMs) / 100) / 10;
  return { ...JSON.parse(new TextDecoder().decode(stdout)), wallSeconds };
}
