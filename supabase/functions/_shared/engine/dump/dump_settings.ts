import type { Checksums } from "../checksum.ts";
import type { Clock } from "../clock.ts";
import type { Compressor } from "../compression.ts";
import type { Database } from "../database.ts";
import type { EdgeFunctionDescription } from "../format/dump_document.ts";
import type { ObjectStore } from "../store/object_store.ts";
import type { DumpScope } from "../catalogue/catalogue.ts";

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
  /** Sessions that read rows side by side, each holding up to 20 MiB; 1 when absent, which reads in the snapshot's own. */
  readonly jobs?: number;
  /** How long to wait for a table's lock, in milliseconds. */
  readonly lockTimeoutMs: number;
  /** Text of the recovery guide, stored beside the dump so that the bucket alone is enough. */
  readonly recoveryGuide: string;
  readonly edgeFunctions: readonly EdgeFunctionDescription[];
  /** Names of the function's own secrets. */
  readonly secretNames: readonly string[];
}
