import type { DatabaseDetails, DumpManifest, LedgerEntry } from "../../contract/mod.ts";
import type { Checksums } from "../checksum.ts";
import type { Clock } from "../clock.ts";
import type { Compressor } from "../compression.ts";
import type { Database, Session } from "../database.ts";
import { asLifeboatError, LifeboatError } from "../errors.ts";
import { documentHead, documentTail, type EdgeFunctionDescription } from "../format/dump_document.ts";
import { dumpKey, guideKey, manifestKey, mediaManifestKey } from "../format/keys.ts";
import type { Run, RunOutcome } from "../run/run.ts";
import type { ObjectStore, StoredObject } from "../store/object_store.ts";
import { putOnce } from "../store/put_once.ts";
import { claimOwnership } from "../store/ownership.ts";
import { type DumpScope, tableName } from "./catalogue.ts";
import { dumpTables, type DumpTablesResult } from "./dump_tables.ts";
import { MemberWriter } from "./member_writer.ts";
import { PartWriter } from "./part_writer.ts";
import { platformLedger } from "./platform_ledger.ts";
import { exportSchema, type SchemaExport } from "./schema/mod.ts";
import { openSnapshot, type Snapshot } from "./snapshot.ts";
import { readVaultSecretNames } from "./vault_names.ts";

export interface DumpDependencies {
  readonly database: Database;
  readonly store: ObjectStore;
  readonly compressor: Compressor;
  readonly checksums: Checksums;
  readonly clock: Clock;
}

export interface DumpSettings {
  readonly scope: DumpScope;
  readonly projectUrl: string;
  /** Longest JSON of one row, in bytes; a longer row is refused and named in the ledger. */
  readonly maxRowBytes: number;
  /** How long to wait for a table's lock, in milliseconds. */
  readonly lockTimeoutMs: number;
  /** Text of the recovery guide, stored beside the dump so that the bucket alone is enough. */
  readonly recoveryGuide: string;
  readonly edgeFunctions: readonly EdgeFunctionDescription[];
  /** Names of the function's own secrets. */
  readonly secretNames: readonly string[];
}

/**
 * Called with the snapshot while it is open, to read more of the same moment in another session (the object list). What
 * it throws becomes a warning of the run.
 */
export type SnapshotReader = (snapshotId: string, signal: AbortSignal) => Promise<void>;

/** S3's least part size. Larger ones cost memory, which an edge function has less of than requests. */
const LEAST_PART_BYTES = 5 * 1024 * 1024;
/** S3 takes 10,000 parts at most; 9,000 leaves room for growth during the dump. */
const MOST_PARTS = 9_000;
const encoder = new TextEncoder();

/**
 * Writes one recovery point's dump and, when that lies in the bucket whole, its manifest. Returns only on positive proof:
 * every count equal to one of its own, the stored size equal to the bytes sent. Throws LifeboatErrors; nothing that was
 * stored before is touched, and without its manifest a half-written dump is no backup.
 */
export async function backupDatabase(
  dependencies: DumpDependencies,
  settings: DumpSettings,
  run: Run,
  readSnapshot?: SnapshotReader,
): Promise<RunOutcome> {
  const { database, store, clock } = dependencies;
  const { signal } = run;
  const warnings: string[] = [];
  run.report({ phase: "preparing" });
  await claimOwnership(store, { project: run.project, projectUrl: settings.projectUrl }, clock.now(), signal);
  await store.put(guideKey, encoder.encode(settings.recoveryGuide), {
    contentType: "text/markdown; charset=utf-8",
  }, signal);

  const snapshot = await openSnapshot(database, settings.scope, settings.lockTimeoutMs, signal);
  try {
    if (readSnapshot) {
      await readSnapshot(snapshot.snapshotId, signal).catch((error) => {
        if (signal.aborted) throw error;
        warnings.push(`The list of files could not be read in the dump's snapshot: ${asLifeboatError(error).message}`);
      });
    }
    const written = await writeDump(dependencies, settings, run, snapshot);
    const manifest = describe(run, snapshot, written, clock.now());
    const stored = await storeManifest(dependencies, manifest, run);
    return outcome(manifest, stored, warnings);
  } finally {
    await snapshot.session.close();
  }
}

interface WrittenDump {
  readonly stored: StoredObject & { readonly sha256: string };
  readonly members: MemberWriter["members"];
  readonly membersSha256: string;
  readonly tables: DumpTablesResult["tables"];
  readonly ledger: LedgerEntry[];
}

async function writeDump(
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

async function assertStored(store: ObjectStore, key: string, sizeBytes: number, signal: AbortSignal): Promise<void> {
  const found = await store.head(key, {}, signal);
  if (found.sizeBytes === sizeBytes) return;
  throw new LifeboatError({
    code: "stored_size_mismatch",
    kind: "permanent",
    message: `The store says that ${key} has ${found.sizeBytes} bytes, but ${sizeBytes} were sent.`,
    hint: "This backup does not count. Run it again; if it happens again, the storage provider is at fault.",
    operation: "dump.store",
    subject: key,
  });
}

function sourceOf(snapshot: Snapshot): DumpManifest["source"] {
  const { serverVersion, serverVersionNumber, encoding } = snapshot;
  return { serverVersion, serverVersionNumber, encoding };
}

function describe(run: Run, snapshot: Snapshot, written: WrittenDump, now: Date): DumpManifest {
  const { stored } = written;
  return {
    format: "lifeboat-manifest",
    formatVersion: 1,
    project: run.project,
    recoveryPoint: run.recoveryPoint,
    runId: run.id,
    snapshotAt: snapshot.takenAt,
    finishedAt: now.toISOString(),
    source: sourceOf(snapshot),
    dump: {
      key: stored.key,
      sizeBytes: written.members.reduce((sum, member) => sum + member.length, 0),
      rawBytes: written.members.reduce((sum, member) => sum + member.rawLength, 0),
      etag: stored.etag,
      versionId: stored.versionId ?? null,
      sha256: stored.sha256,
      membersSha256: written.membersSha256,
    },
    mediaManifestKey: mediaManifestKey(run.project, run.recoveryPoint),
    tables: written.tables,
    ledger: written.ledger,
    members: written.members,
  };
}

/** Written last: without it there is no backup. */
async function storeManifest(
  { store, checksums }: DumpDependencies,
  manifest: DumpManifest,
  run: Run,
): Promise<string> {
  const key = manifestKey(run.project, run.recoveryPoint);
  const body = encoder.encode(JSON.stringify(manifest) + "\n");
  await run.confirm();
  await putOnce(store, checksums, key, body, { contentType: "application/json" }, run.signal);
  await assertStored(store, key, body.length, run.signal);
  return key;
}

function outcome(manifest: DumpManifest, manifestStoredAt: string, warnings: string[]): RunOutcome {
  const missing = manifest.ledger.filter((entry) => entry.severity === "missing");
  const details: DatabaseDetails = {
    tables: manifest.tables.map((table) => ({
      name: tableName(table),
      rows: table.rows,
      rawBytes: table.rawBytes,
      bytes: table.bytes,
    })),
    ledger: manifest.ledger,
    warnings,
  };
  return {
    status: missing.length === 0 ? "success" : "partial",
    s3Key: manifest.dump.key,
    manifestKey: manifestStoredAt,
    bytes: manifest.dump.sizeBytes,
    rawBytes: manifest.dump.rawBytes,
    tables: manifest.tables.length,
    rows: manifest.tables.reduce((sum, table) => sum + table.rows, 0),
    skipped: missing.length,
    checksum: `sha256:${manifest.dump.sha256}`,
    ...missing.length > 0 && {
      errorCode: "backup_incomplete",
      errorMessage: `${missing.length} ${missing.length === 1 ? "thing is" : "things are"} missing from this backup, ` +
        `first: ${missing[0].kind} ${missing[0].identity} (${missing[0].reason}).`,
      errorHint: "The list is in the run's ledger. Mend the causes or exclude them, then run the backup again.",
    },
    details: { ...details },
  };
}
