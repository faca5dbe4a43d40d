import type { Checksums } from "../checksum.ts";
import type { Clock } from "../clock.ts";
import type { Database } from "../database.ts";
import type { Decompressor } from "../decompression.ts";
import type { Run } from "../run/run.ts";
import type { ObjectStore } from "../store/object_store.ts";
import type { Budget } from "../run/budget.ts";
import type { Findings } from "./damage.ts";
import type { VerifyCoverage } from "./sampling.ts";

export interface VerifyDependencies {
  readonly database: Database;
  readonly store: ObjectStore;
  readonly checksums: Checksums;
  readonly decompressor: Decompressor;
  readonly clock: Clock;
  /** 0 to below 1; decides which part a sample looks at. */
  readonly random: () => number;
}

export interface VerifySettings {
  /** Members that are in memory at once, each with up to twice its JSON. */
  readonly membersAtOnce: number;
  /** Members with more JSON than this do not fit into the host's memory and are left out. */
  readonly largestMemberBytes: number;
  readonly filesAtOnce: number;
  /**
   * Files with more bytes than this are looked up and not read: a file is read by one invocation, and reading it must not
   * take more CPU than that has.
   */
  readonly largestFileBytes: number;
  /** Most that a sample reads of the dump and of the files each, in bytes, unless a percentage was asked for. */
  readonly largestSampleBytes: number;
  /** A media manifest with more bytes than this, as it is stored, does not fit into the host's memory and is left out. */
  readonly largestMediaManifestBytes: number;
}

/** What the parts of a verify share. */
export interface VerifyContext {
  readonly dependencies: VerifyDependencies;
  readonly settings: VerifySettings;
  readonly request: VerifyCoverage;
  /** Decides in which order members are read: the same in every invocation. */
  readonly seed: number;
  /** Asked between members and files: when it is spent, another invocation goes on. */
  readonly budget: Budget;
  readonly findings: Findings;
  readonly run: Run;
}
