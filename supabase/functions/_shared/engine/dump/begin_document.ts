import type { LedgerEntry } from "../../contract/mod.ts";
import type { Session } from "../database.ts";
import type { Run } from "../run/run.ts";
import { LEAST_PART_BYTES } from "../store/part_writer.ts";
import { DocumentWork } from "./document_work.ts";
import type { DumpDependencies, DumpSettings } from "./dump_settings.ts";
import type { DumpFrame } from "./dump_state.ts";
import { exportSchema, type SchemaExport } from "./schema/mod.ts";
import type { Snapshot } from "./snapshot.ts";

/** S3 takes 10,000 parts at most; 9,000 leaves room for growth during the dump. */
const MOST_PARTS = 9_000;

/** A new document with its head. */
export async function beginDocument(
  dependencies: DumpDependencies,
  settings: DumpSettings,
  run: Run,
  snapshot: Snapshot,
  marker: string,
  warnings: readonly string[],
): Promise<DocumentWork> {
  const { session, catalogue, takenAt, serverVersion, serverVersionNumber, encoding } = snapshot;
  run.report({ phase: "schema", tablesTotal: catalogue.tables.length });
  const schema = await exportSchema(session, { schemas: [...settings.scope.schemas] }, run.signal);
  const vaultNames = await readVaultSecretNames(session, run.signal);
  const frame: DumpFrame = {
    takenAt,
    serverVersion,
    serverVersionNumber,
    encoding,
    catalogue,
    scope: settings.scope,
    maxRowBytes: settings.maxRowBytes,
    partSizeBytes: await partSize(session, run.signal),
    marker,
    schemaLedger: schemaLedger(schema),
    warnings,
  };
  const work = new DocumentWork(dependencies, run, frame, await dependencies.checksums.resumableSha256());
  await work.writeHead(settings, schema, vaultNames);
  return work;
}

function schemaLedger(schema: SchemaExport): LedgerEntry[] {
  return [
    ...schema.uncovered.map((entry) => ({ ...entry, severity: "missing" as const })),
    ...schema.notCaptured.map((entry) => ({ ...entry, severity: "expected" as const })),
  ];
}

async function partSize(session: Session, signal: AbortSignal): Promise<number> {
  const [{ bytes }] = await session.query<{ bytes: string }>(
    "select pg_catalog.pg_database_size(pg_catalog.current_database())::text as bytes",
    undefined,
    signal,
  );
  const least = Math.ceil(Number(bytes) / MOST_PARTS);
  return Math.max(LEAST_PART_BYTES, Math.ceil(least / (1024 * 1024)) * 1024 * 1024);
}

/** Names of the secrets in Supabase Vault; their values stay there. Empty where there is no vault or no right to read it. */
async function readVaultSecretNames(session: Session, signal?: AbortSignal): Promise<string[]> {
  const [{ readable }] = await session.query<{ readable: boolean }>(
    `select coalesce(pg_catalog.has_table_privilege(pg_catalog.to_regclass('vault.secrets'), 'select')
       and pg_catalog.has_schema_privilege(pg_catalog.to_regnamespace('vault'), 'usage'), false) as readable`,
    undefined,
    signal,
  );
  if (!readable) return [];
  const rows = await session.query<{ name: string }>(
    "select name from vault.secrets where name is not null order by name",
    undefined,
    signal,
  );
  return rows.map((row) => row.name);
}
