import type { Checksums, ResumableChecksum } from "../../checksum.ts";
import type { Clock } from "../../clock.ts";
import type { Session } from "../../database.ts";
import type { LifeboatError } from "../../errors.ts";
import type { Budget } from "../../run/budget.ts";
import type { Semaphore } from "../../semaphore.ts";
import type { StorageSource } from "../storage_source.ts";
import type { ClaimedItem, CopiedItem } from "./claimed_item.ts";
import type { ArchiveContext } from "./replace_current.ts";

/** What the copy of every object of a run shares. */
export interface CopyContext extends ArchiveContext {
  /** Statements get the run's signal and not that of one failure: an abort would end the connection that all share. */
  readonly session: Session;
  readonly source: StorageSource;
  readonly checksums: Checksums;
  readonly clock: Clock;
  /** Limits the bytes that are held in memory at once. */
  readonly memory: Semaphore;
  /** Objects above this go in parts of this size, in bytes. */
  readonly partBytes: number;
  readonly streaming: Streaming;
  readonly budget: Budget;
}

/** Whether large objects may be streamed in one request, which the run finds out with its store. */
export interface Streaming {
  /** Largest object that is streamed, in bytes. Becomes 0 when the store does not take it, or does not compare what it took. */
  mostBytes: number;
  /** True once the store has accepted a streamed object. */
  isProven: boolean;
  /** Number of streamed requests in a row that broke since the last one that succeeded. */
  failures: number;
}

/** One object on its way, as far as it has come. Never changed: each step that gets further returns another. */
export interface CopyWork {
  readonly item: ClaimedItem;
  readonly partBytes: number;
  /** False once streaming has failed this object: it goes in parts, which need not be sent again. */
  readonly mayStream: boolean;
  /** Over the parts that this process has sent; absent after another process sent them. */
  readonly sum?: ResumableChecksum | undefined;
}

/** How one attempt to copy an object ended. */
export type CopyStep =
  /** The copy lies in S3, whole and proved. */
  | { readonly kind: "copied"; readonly copy: CopiedItem }
  /** The budget is spent; parts and a checkpoint lie there for the next invocation. */
  | { readonly kind: "paused" }
  /** The bytes were not what the answer said of them, and a cache may be to blame. Nothing new lies in S3. */
  | { readonly kind: "refused"; readonly work: CopyWork }
  /** Storage or the upload broke off after some of it. `work` is how far it came, and `error` what is thrown if nothing helps. */
  | { readonly kind: "interrupted"; readonly work: CopyWork; readonly error: LifeboatError };
