import type { LedgerEntry } from "../../contract/mod.ts";
import type { Checksums } from "../checksum.ts";
import type { Session } from "../database.ts";
import { documentHead, documentTail } from "../format/dump_document.ts";
import { dumpKey } from "../format/keys.ts";
import type { Run } from "../run/run.ts";
import type { StoredObject } from "../store/object_store.ts";
import type { DumpDependencies, DumpSettings } from "./dump_settings.ts";
import { dumpTables, type DumpTablesResult } from "./dump_tables.ts";
import { sourceOf } from "./dump_manifest.ts";
import { MemberWriter } from "./member_writer.ts";
import { PartWriter } from "./part_writer.ts";
import { platformLedger } from "./platform_ledger.ts";
import { exportSchema, type SchemaExport } from "./schema/mod.ts";
import type { Snapshot } from "./snapshot.ts";
import { assertStored } from "./stored_size.ts";
import { readVaultSecretNames } from "./vault_names.ts";

/** S3's least part size. Larger ones cost memory, which an edge function has less of than requests. */
const LEAST_PART_BYTES = 5 * 1024 * 1024;
/** S3 takes 10,000 parts at most; 9,000 leaves room for growth during the dump. */
const MOST_PARTS = 9_000;
const encoder = new TextEncoder();

/** What lies in the store once the document is written. */
export interface WrittenDump {
  readonly stored: StoredObject & { readonly sha256: string };
  readonly members: MemberWriter["members"];
  readonly membersSha256: string;
  readonly tables: DumpTablesResult["tables"];
  readonly ledger: LedgerEntry[];
}

/** Writes the document: head, rows, tail. Returns when the store has it whole; what fails takes its parts back. */
export async function writeDump(
  dependencies: DumpDependencies,
  settings: DumpSettings,
  run: Run,
  snapshot: Snapshot,
): Promise<WrittenDump> {
  const { store, compressor, checksums } = dependencies;
  const { session, catalogue } = snapshot;
  const { signal } = run;
  run.report({ phase: "schema", tablesTotal: catalogue.tables.length });
  const schema = await exportSchema(session, { schemas: [...settings.scope.schemas] }, signal);
  const vaultNames = await readVaultSecretNames(session, signal);
  const parts = new PartWriter(store, checksums, {
    key: dumpKey(run.project, run.recoveryPoint),
    partSizeBytes: await partSize(session, signal),
    options: { contentType: "application/gzip" },
    remember: (cleanup) => run.remember(cleanup),
  }, signal);
  try {
    const writer = new MemberWriter(parts, compressor, checksums);
    await writer.begin(null);
    await writer.write(encoder.encode(documentHead({
      project: run.project,
      recoveryPoint: run.recoveryPoint,
      snapshotAt: snapshot.takenAt,
      source: sourceOf(snapshot),
      schema: { statements: schema.statements, sequences: schema.sequences },
      edgeFunctions: settings.edgeFunctions,
      secretNames: [...new Set([...settings.secretNames, ...vaultNames])].sort(),
    })));
    const dumped = await dumpTables(
      session,
      catalogue.tables,
      settings.scope,
      writer,
      settings.maxRowBytes,
      (progress) => run.report(progress),
      signal,
    );
    const ledger = [...catalogue.ledger, ...dumped.ledger, ...schemaLedger(schema), ...platformLedger];
    await writer.write(encoder.encode(documentTail(ledger)));
    await writer.cut();
    run.report({ phase: "uploading", tablesDone: dumped.tables.length, tablesTotal: dumped.tables.length });
    const stored = await parts.finish(() => run.confirm());
    await assertStored(store, stored.key, parts.sizeBytes, signal);
    return {
      stored,
      members: writer.members,
      membersSha256: digestOfDigests(checksums, writer.members),
      tables: dumped.tables,
      ledger,
    };
  } catch (error) {
    await parts.abort().catch(() => {
      // The upload's id is remembered: maintenance gives its parts back. The first error is the one to report.
    });
    throw error;
  }
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

/** SHA-256 over the members' digests: proves their order and number, and can be computed by several writers. */
function digestOfDigests(checksums: Checksums, members: MemberWriter["members"]): string {
  const sum = checksums.sha256();
  for (const member of members) {
    sum.update(Uint8Array.from(member.sha256.match(/../g) ?? [], (hex) => parseInt(hex, 16)));
  }
  return sum.hex();
}
