import { nodeChecksums } from "../../supabase/functions/_shared/adapters/node/checksum.ts";
import { nodeGunzip } from "../../supabase/functions/_shared/adapters/node/gunzip.ts";
import { nodeGzip } from "../../supabase/functions/_shared/adapters/node/gzip.ts";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import type { Database } from "../../supabase/functions/_shared/engine/database.ts";
import { beginDump } from "../../supabase/functions/_shared/engine/dump/begin_dump.ts";
import type { DumpScope } from "../../supabase/functions/_shared/engine/catalogue/catalogue.ts";
import { exportSchema } from "../../supabase/functions/_shared/engine/dump/schema/mod.ts";
import { RESTORE_PREAMBLE } from "../../supabase/functions/_shared/engine/restore/preamble.ts";
import { formatPoint } from "../../supabase/functions/_shared/engine/format/keys.ts";
import {
  applyRestore,
  planRestore,
  type RestoreDependencies,
  type RestoreReport,
  type RestoreRequest,
} from "../../supabase/functions/_shared/engine/restore/mod.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { plainRun } from "../media/plain_run.ts";
import { inSnapshot } from "../schema/round_trip.ts";
import { freshDatabase, type PostgresVersion, runSql, type TestDatabase } from "../support/postgres.ts";
import { type S3Server, startS3rver, storeOn } from "../support/s3_server.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";

const missing = await versitygwIsMissing();
/** The addition to a test's name where it runs on s3rver, because versitygw is missing. */
export const onServer = missing ? ` (on s3rver: ${missing})` : "";

/** A bucket, and databases to back up and restore into. */
export class RestoreStage implements AsyncDisposable {
  #points = 0;

  private constructor(readonly server: S3Server, readonly store: ObjectStore) {}

  static async start(options: { versions?: boolean } = {}): Promise<RestoreStage> {
    const server = missing ? await startS3rver() : await startVersitygw(options);
    return new RestoreStage(server, storeOn(server));
  }

  /** Creates a database with the roles and schemas of a project. Role postgres then runs `setUp`. */
  async source(version: PostgresVersion, setUp: string): Promise<TestDatabase> {
    const database = await freshDatabase(version);
    await runSql(database.superuserUrl, RESTORE_PREAMBLE);
    await runSql(database.superuserUrl, GRANTS);
    await runSql(database.url, setUp);
    return database;
  }

  /** Creates an empty database of a plain PostgreSQL. */
  empty(version: PostgresVersion): Promise<TestDatabase> {
    return freshDatabase(version);
  }

  /** A real backup that leaves nothing out; returns its recovery point. */
  async backUp(database: TestDatabase, scope: Partial<DumpScope> = {}, store = this.store): Promise<string> {
    const { point, outcome } = await this.dump(database, scope, store);
    if (outcome.status !== "success") throw new Error(JSON.stringify(outcome));
    return point;
  }

  /** A real backup, however it ends. */
  async dump(database: TestDatabase, scope: Partial<DumpScope> = {}, store = this.store) {
    const point = formatPoint(new Date(Date.UTC(2026, 10, 21, 2, ++this.#points)));
    const outcome = await beginDump(
      {
        database: createPostgresDatabase({ url: database.url }),
        store,
        compressor: nodeGzip,
        checksums: nodeChecksums,
        clock: systemClock,
      },
      {
        scope: { schemas: ["public"], excludedTables: [], excludedColumns: [], ...scope },
        projectUrl: "https://sample.example.com",
        maxRowBytes: 32 * 1024 * 1024,
        lockTimeoutMs: 5_000,
        recoveryGuide: "# Sample guide\n",
        edgeFunctions: [],
        secretNames: [],
      },
      plainRun(point, { kind: "database" }),
      {},
    );
    if (!("status" in outcome)) throw new Error(JSON.stringify(outcome));
    return { point, outcome };
  }

  dependencies(target: TestDatabase, changes: Partial<RestoreDependencies> = {}): RestoreDependencies {
    return {
      store: this.store,
      checksums: nodeChecksums,
      decompressor: nodeGunzip,
      clock: systemClock,
      database: databaseAt(target),
      ...changes,
    };
  }

  /** Plans a restore and applies the plan. */
  async restore(
    target: TestDatabase,
    request: RestoreRequest,
    changes: Partial<RestoreDependencies> = {},
    bytesPerStep?: number,
  ): Promise<RestoreReport> {
    const dependencies = this.dependencies(target, changes);
    const plan = await planRestore(dependencies, { databaseOnly: true, ...request });
    return await applyRestore(dependencies, plan, undefined, bytesPerStep ? { bytesPerStep } : {});
  }

  /** Does not stop the databases' servers, which belong to the test file and end by `stopServersAtTheEnd`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }
}

export function databaseAt(target: TestDatabase): Database {
  return createPostgresDatabase({ url: target.url });
}

/** The rights that a hosted project grants to its role postgres. */
const GRANTS = `
  grant usage on schema auth, storage, extensions to postgres;
  grant create on schema extensions to postgres;
  grant all on all tables in schema auth, storage to postgres;
  grant anon, authenticated, service_role to postgres with admin option;`;

/** The statements of the schema as a backup holds them, without those about the platform. */
export async function schemaOf(database: TestDatabase, schemas: readonly string[] = ["public"]) {
  const { statements, sequences } = await inSnapshot(
    database.url,
    (session) => exportSchema(session, { schemas: [...schemas] }),
  );
  return { statements, sequences };
}
