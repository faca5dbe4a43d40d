import type { DumpManifest, LedgerEntry } from "../../contract/mod.ts";
import type { ResumableChecksum } from "../checksum.ts";
import type { Session } from "../database.ts";
import { documentHead, documentTail } from "../format/dump_document.ts";
import { dumpKey } from "../format/keys.ts";
import type { Budget } from "../run/budget.ts";
import type { Run } from "../run/run.ts";
import type { StoredObject } from "../store/object_store.ts";
import { type CarriedParts, PartWriter } from "../store/part_writer.ts";
import type { DumpDependencies, DumpSettings } from "./dump_settings.ts";
import type { DumpCheckpoint, DumpDone, DumpFrame, DumpPosition } from "./dump_state.ts";
import { type DumpedTable, dumpTables, firstRow, type RowsPosition } from "./dump_tables.ts";
import { MemberWriter } from "./member_writer.ts";
import { wholeLedger } from "./dump_ledger.ts";
import type { SchemaExport } from "./schema/mod.ts";
import type { ReadAhead } from "./read_ahead.ts";
import { assertStoredSize } from "./stored_size.ts";

const encoder = new TextEncoder();

/** The document of a dump while it is being written: head, rows, tail, by one invocation or by several. */
export class DocumentWork {
  readonly frame: DumpFrame;
  readonly #parts: PartWriter;
  readonly #members: MemberWriter;
  readonly #sha256: ResumableChecksum;
  readonly #rows: RowsPosition;
  readonly #run: Run;
  readonly #tables: DumpedTable[] = [];
  readonly #ledger: LedgerEntry[] = [];
  #finishedAt: string | null;

  constructor(
    { store, checksums, compressor }: DumpDependencies,
    run: Run,
    frame: DumpFrame,
    sha256: ResumableChecksum,
    carried?: { readonly position: DumpPosition; readonly parts: CarriedParts },
  ) {
    this.frame = frame;
    this.#run = run;
    this.#sha256 = sha256;
    this.#rows = carried ? structuredClone(carried.position.rows) : firstRow();
    this.#finishedAt = carried?.position.finishedAt ?? null;
    const key = dumpKey(run.project, run.recoveryPoint);
    this.#parts = new PartWriter(
      store,
      checksums,
      sha256,
      {
        key,
        partSizeBytes: frame.partSizeBytes,
        options: { contentType: "application/gzip" },
        note: (uploadId) => run.remember(uploadId === null ? undefined : { uploadKey: key, uploadId }),
      },
      run.signal,
      carried?.parts,
    );
    this.#members = new MemberWriter(this.#parts, compressor, checksums);
  }

  /** When the last byte was written; null before. */
  get finishedAt(): string | null {
    return this.#finishedAt;
  }

  /** What this invocation added. */
  get done(): DumpDone {
    return { members: this.#members.members, parts: this.#parts.parts, tables: this.#tables, ledger: this.#ledger };
  }

  /** What another invocation goes on from. */
  get checkpoint(): DumpCheckpoint {
    return {
      frame: this.frame,
      position: {
        rows: this.#rows,
        parts: this.#parts.position,
        sha256: this.#sha256.save(),
        finishedAt: this.#finishedAt,
      },
      done: this.done,
      rest: this.#parts.rest,
    };
  }

  async writeHead(settings: DumpSettings, schema: SchemaExport, vaultNames: readonly string[]): Promise<void> {
    await this.#members.begin(null);
    await this.#members.write(encoder.encode(documentHead({
      project: this.#run.project,
      recoveryPoint: this.#run.recoveryPoint,
      snapshotAt: this.frame.takenAt,
      source: sourceOf(this.frame),
      schema: { statements: schema.statements, sequences: schema.sequences },
      edgeFunctions: settings.edgeFunctions,
      secretNames: [...new Set([...settings.secretNames, ...vaultNames])].sort(),
    })));
  }

  /** Writes rows until the last is written (true) or the budget is spent. `readers` read them side by side. */
  async writeRows(session: Session, budget?: Budget, readers?: ReadAhead): Promise<boolean> {
    const { catalogue: { tables }, scope, maxRowBytes } = this.frame;
    const dumped = await dumpTables(
      { session, tables, scope, maxRowBytes, readers },
      this.#rows,
      this.#members,
      (progress) => this.#run.report(progress),
      this.#run.signal,
      budget,
    );
    this.#tables.push(...dumped.tables);
    this.#ledger.push(...dumped.ledger);
    await this.#members.cut();
    return dumped.finished;
  }

  /** Writes the tail. `before` is the ledger of earlier invocations. */
  async writeTail(before: readonly LedgerEntry[], now: Date): Promise<void> {
    await this.#members.begin(null);
    await this.#members.write(encoder.encode(documentTail(wholeLedger(this.frame, [...before, ...this.#ledger]))));
    await this.#members.cut();
    this.#finishedAt = now.toISOString();
  }

  /** Sends what only waits for more bytes. */
  async sendRest(): Promise<void> {
    await this.#parts.sendRest();
  }

  /** Makes the document visible and proves that the store has it whole. `before` is what earlier invocations added. */
  async store(
    store: DumpDependencies["store"],
    before: DumpDone,
  ): Promise<StoredObject & { readonly sha256: string }> {
    const tables = this.frame.catalogue.tables.length;
    this.#run.report({ phase: "uploading", tablesDone: tables, tablesTotal: tables });
    const stored = await this.#parts.finish(() => this.#run.confirm(), before.parts);
    // By what the manifest says of it: members that two invocations both counted would not add up.
    const members = [...before.members, ...this.#members.members];
    await assertStoredSize(store, stored.key, members.reduce((sum, { length }) => sum + length, 0), this.#run.signal);
    return stored;
  }
}

export function sourceOf(snapshot: DumpManifest["source"]): DumpManifest["source"] {
  const { serverVersion, serverVersionNumber, encoding } = snapshot;
  return { serverVersion, serverVersionNumber, encoding };
}
