import pg from "pg";
import { applySql } from "../../local/apply_sql.ts";
import type { Postgres } from "../../local/postgres.ts";
import { createHttpStorageSource } from "../../supabase/functions/_shared/adapters/storage/http.ts";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import { nodeChecksums } from "../../supabase/functions/_shared/adapters/node/checksum.ts";
import { nodeGzip } from "../../supabase/functions/_shared/adapters/node/gzip.ts";
import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import type { MediaDependencies } from "../../supabase/functions/_shared/engine/media/media_settings.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { migrate } from "../support/migrations.ts";
import { startTestServer } from "../support/test_server.ts";
import { SECRET_KEY, StorageServer } from "./storage_server.ts";

export interface Uploaded {
  readonly contentType?: string;
  readonly cacheControl?: string;
  readonly userMetadata?: unknown;
  /** A new random text when absent. */
  readonly version?: string;
  /** Keeps the metadata as a JSON string, as a light local server does. */
  readonly asString?: boolean;
}

/** A Supabase project as a media backup sees it: a real PostgreSQL with Storage's tables, and a Storage that serves. */
export class MediaProject implements AsyncDisposable {
  readonly storage = new StorageServer();

  private constructor(
    private readonly urls: Pick<Postgres, "url" | "superuserUrl">,
    private readonly client: pg.Client,
    private readonly stop: () => Promise<void>,
  ) {}

  static async start(): Promise<MediaProject> {
    const server = await startTestServer();
    const project = await server.createProject();
    await applySql(project.superuserUrl, new URL("storage_schema.sql", import.meta.url));
    await migrate(project.url);
    return new MediaProject(project, await connected(project.url), () => server.stop());
  }

  get databaseUrl(): string {
    return this.urls.url;
  }

  get superuserUrl(): string {
    return this.urls.superuserUrl;
  }

  dependencies(store: ObjectStore, stallTimeoutMs = 2_000): MediaDependencies {
    return {
      database: createPostgresDatabase({ url: this.urls.url }),
      store,
      source: createHttpStorageSource({ supabaseUrl: this.storage.url, secretKey: SECRET_KEY, stallTimeoutMs }),
      checksums: nodeChecksums,
      compressor: nodeGzip,
      // Retries wait one millisecond, so that tests are fast; longer waits, of what is repeated in intervals, stay as they are.
      clock: { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms < 10_000 ? 1 : ms, signal) },
    };
  }

  async sql<Row = Record<string, unknown>>(text: string, params?: unknown[]): Promise<Row[]> {
    return (await this.client.query(text, params)).rows as Row[];
  }

  /** Makes the project empty again. */
  async reset(): Promise<void> {
    await this.sql(
      `truncate storage.objects, storage.buckets, storage.buckets_analytics, lifeboat.media_points,
         lifeboat.media_items, lifeboat.media_objects cascade`,
    );
    this.storage.asked.length = 0;
    this.storage.headers.length = 0;
    this.storage.outage = undefined;
    this.storage.onRequest = undefined;
  }

  async bucket(...names: string[]): Promise<void> {
    await this.sql(
      "insert into storage.buckets (id, name, public) select n, n, true from unnest($1::text[]) n on conflict do nothing",
      [names],
    );
  }

  async upload(bucket: string, path: string, content: Uint8Array | string, how: Uploaded = {}): Promise<void> {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const contentType = how.contentType ?? "text/plain";
    const cacheControl = how.cacheControl ?? "max-age=3600";
    const etag = this.storage.put(`${bucket}/${path}`, bytes, contentType, cacheControl);
    await this.list(bucket, path, { etag, size: bytes.length, contentType, cacheControl, ...how });
  }

  /** Writes only the row in Storage's table, without bytes. */
  async list(
    bucket: string,
    path: string,
    { etag, size, contentType = "text/plain", cacheControl = "max-age=3600", userMetadata, asString, version }:
      & Uploaded
      & {
        etag: string;
        size: number;
      },
  ): Promise<void> {
    await this.bucket(bucket);
    const metadata = JSON.stringify({ eTag: `"${etag}"`, size, mimetype: contentType, cacheControl });
    await this.sql(
      `insert into storage.objects (bucket_id, name, metadata, user_metadata, version)
         values ($1, $2, $3::jsonb, $4::jsonb, $5)
       on conflict (bucket_id, name) where archived_at is null do update set metadata = excluded.metadata,
         user_metadata = excluded.user_metadata, version = excluded.version, updated_at = clock_timestamp()`,
      [
        bucket,
        path,
        asString ? JSON.stringify(metadata) : metadata,
        JSON.stringify(userMetadata ?? null),
        version ?? crypto.randomUUID(),
      ],
    );
  }

  /** Deletes an object as a user does: row and bytes. */
  async remove(bucket: string, path: string): Promise<void> {
    await this.sql("delete from storage.objects where bucket_id = $1 and name = $2", [bucket, path]);
    this.storage.remove(`${bucket}/${path}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.storage[Symbol.asyncDispose]();
    await this.client.end();
    await this.stop();
  }
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}
