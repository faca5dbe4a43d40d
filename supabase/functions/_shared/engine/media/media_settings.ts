import type { Checksums } from "../checksum.ts";
import type { Clock } from "../clock.ts";
import type { PieceCompressor } from "../compression.ts";
import type { Database } from "../database.ts";
import type { ObjectStore } from "../store/object_store.ts";
import type { R2Source } from "./r2_sources.ts";
import type { StorageSource } from "./storage_source.ts";

export interface MediaDependencies {
  readonly database: Database;
  readonly store: ObjectStore;
  readonly source: StorageSource;
  readonly checksums: Checksums;
  readonly compressor: PieceCompressor;
  readonly clock: Clock;
  /** The R2 bucket, where its credentials are known. */
  readonly r2?: ObjectStore;
}

export interface MediaSettings {
  readonly project: string;
  /** Only these buckets. All of them when absent or empty. */
  readonly buckets?: readonly string[];
  /** Objects copied at once, large ones fewer: `maxBytesInFlight` holds for all. Default 12. */
  readonly concurrency?: number;
  /** Buffers for bytes under way. Default 15 MiB; Deno takes about three times that, as it copies what it sends. */
  readonly maxBytesInFlight?: number;
  /** Objects above this go in parts of this size. Default 5 MiB, the least that S3 takes. */
  readonly partSizeBytes?: number;
  /**
   * Larger objects up to this are streamed in one request, which is to be begun anew when it breaks. Default 0: none, since
   * an invocation may end at any moment.
   */
  readonly oneRequestBytes?: number;
  /** Absent: the default sources. Empty: no inventory. */
  readonly r2Sources?: readonly R2Source[];
  /** How long objects stay claimed by an invocation that is not heard of, in milliseconds. Tests shorten it. */
  readonly claimMs?: number;
}
