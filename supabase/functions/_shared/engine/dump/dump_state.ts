import type { DumpMember, LedgerEntry } from "../../contract/mod.ts";
import type { UploadedPart } from "../store/object_store.ts";
import type { PartsPosition } from "../store/part_writer.ts";
import type { Catalogue, DumpScope } from "../catalogue/catalogue.ts";
import type { DumpedTable, RowsPosition } from "./dump_tables.ts";
import type { Snapshot } from "./snapshot.ts";

// What a dump carries from one invocation to the next. Plain JSON; kept in lifeboat.dumps and lifeboat.dump_steps.

/** What is the same in every step of a dump. */
export interface DumpFrame extends Pick<Snapshot, "takenAt" | "serverVersion" | "serverVersionNumber" | "encoding"> {
  readonly catalogue: Catalogue;
  readonly scope: DumpScope;
  readonly maxRowBytes: number;
  readonly partSizeBytes: number;
  /** Of the bucket that the dump goes to, as `claimOwnership` returns it. */
  readonly marker: string;
  /** What the schema's export says is not in it. */
  readonly schemaLedger: readonly LedgerEntry[];
  readonly warnings: readonly string[];
}

/** Where the next step begins. */
export interface DumpPosition {
  readonly rows: RowsPosition;
  readonly parts: PartsPosition;
  /** State of the checksum of the whole file. */
  readonly sha256: string;
  /**
   * When the last byte was written; null before. Then only the upload is left to be completed and the manifest to be
   * stored, and this is the manifest's time: written twice it has to be the same.
   */
  readonly finishedAt: string | null;
}

/** What one step added. Small: a dump of 100 GB has 50,000 members. */
export interface DumpDone {
  readonly members: readonly DumpMember[];
  readonly parts: readonly UploadedPart[];
  readonly tables: readonly DumpedTable[];
  readonly ledger: readonly LedgerEntry[];
}

export interface DumpCheckpoint {
  readonly frame: DumpFrame;
  readonly position: DumpPosition;
  readonly done: DumpDone;
  /** Bytes of the unfinished upload part. */
  readonly rest: Uint8Array;
}
