import { gunzipSync } from "node:zlib";
import { nodeChecksums } from "../../supabase/functions/_shared/adapters/node/checksum.ts";
import { nodeGzip } from "../../supabase/functions/_shared/adapters/node/gzip.ts";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import type { DumpMember } from "../../supabase/functions/_shared/contract/mod.ts";
import type { Compressor } from "../../supabase/functions/_shared/engine/compression.ts";
import type { Database, Session } from "../../supabase/functions/_shared/engine/database.ts";
import type { DumpScope } from "../../supabase/functions/_shared/engine/catalogue/catalogue.ts";
import { type DumpedTable, dumpTables, firstRow } from "../../supabase/functions/_shared/engine/dump/dump_tables.ts";
import { MemberWriter } from "../../supabase/functions/_shared/engine/dump/member_writer.ts";
import { openReaders, ReadAhead } from "../../supabase/functions/_shared/engine/dump/read_ahead.ts";
import { openSnapshot, type Snapshot } from "../../supabase/functions/_shared/engine/dump/snapshot.ts";
import { documentTail } from "../../supabase/functions/_shared/engine/format/dump_document.ts";
import type { LedgerEntry } from "../../supabase/functions/_shared/contract/mod.ts";

export interface MemoryDump {
  readonly bytes: Uint8Array;
  readonly members: readonly DumpMember[];
  readonly tables: readonly DumpedTable[];
  readonly ledger: readonly LedgerEntry[];
  /** Rows by table, as JSON.parse gives them. */
  readonly rows: Record<string, Record<string, unknown>[]>;
  /** Row lines by table, as the document has them. */
  readonly lines: Record<string, string[]>;
}

/** Dumps a database through the real pipeline into memory instead of a bucket. */
export async function dumpToMemory(
  source: string | Database,
  scope: Partial<DumpScope> = {},
  { maxRowBytes = 32 * 1024 * 1024, lockTimeoutMs = 5_000, jobs = 1, compressor = nodeGzip as Compressor } = {},
): Promise<MemoryDump> {
  const database = typeof source === "string" ? createPostgresDatabase({ url: source }) : source;
  const whole = { schemas: ["public"], excludedTables: [], excludedColumns: [], ...scope };
  const snapshot = await openSnapshot(database, whole, lockTimeoutMs);
  const readers: Session[] = [];
  try {
    if (jobs > 1) {
      readers.push(...await openReaders(database, snapshot, jobs, lockTimeoutMs, new AbortController().signal));
    }
    return await dumpSnapshot(snapshot, whole, { maxRowBytes, readers, compressor });
  } finally {
    await Promise.all([snapshot.session, ...readers].map((session) => session.close()));
  }
}

/** Dumps an open snapshot into memory. Rows are read by `readers`, where given. The caller closes the sessions. */
export async function dumpSnapshot(
  snapshot: Snapshot,
  scope: DumpScope,
  { maxRowBytes = 32 * 1024 * 1024, readers = [] as readonly Session[], compressor = nodeGzip as Compressor } = {},
): Promise<MemoryDump> {
  const blocks: Uint8Array[] = [];
  let sizeBytes = 0;
  const writer = new MemberWriter(
    {
      get sizeBytes() {
        return sizeBytes;
      },
      write(bytes) {
        blocks.push(bytes);
        sizeBytes += bytes.length;
        return Promise.resolve();
      },
    },
    compressor,
    nodeChecksums,
  );
  await writer.begin(null);
  await writer.write(new TextEncoder().encode('{"tables":{\n'));
  const { tables, ledger } = await dumpTables(
    {
      session: snapshot.session,
      tables: snapshot.catalogue.tables,
      scope,
      maxRowBytes,
      readers: readers.length > 0 ? new ReadAhead(readers) : undefined,
    },
    firstRow(),
    writer,
    () => {},
    new AbortController().signal,
  );
  await writer.write(new TextEncoder().encode(documentTail(ledger)));
  await writer.cut();
  const bytes = new Uint8Array(await new Blob(blocks as BlobPart[]).arrayBuffer());
  const text = gunzipSync(bytes).toString();
  const document = JSON.parse(text) as { tables: Record<string, { rows: Record<string, unknown>[] }> };
  return {
    bytes,
    members: writer.members,
    tables,
    ledger: [...snapshot.catalogue.ledger, ...ledger],
    rows: Object.fromEntries(Object.entries(document.tables).map(([name, table]) => [name, table.rows])),
    lines: linesByTable(text, Object.keys(document.tables)),
  };
}

/** The row lines of each table, which stand between the line of the table's head and the line that closes the table. */
function linesByTable(text: string, names: string[]): Record<string, string[]> {
  const lines = text.split("\n");
  let at = 1;
  return Object.fromEntries(names.map((name) => {
    const rows: string[] = [];
    for (at++; !lines[at].startsWith("]}"); at++) {
      if (lines[at] !== "") rows.push(lines[at].replace(/,$/, ""));
    }
    at++;
    return [name, rows];
  }));
}
