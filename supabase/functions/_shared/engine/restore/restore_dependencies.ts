import type { RunProgress } from "../../contract/mod.ts";
import type { Clock } from "../clock.ts";
import type { Database } from "../database.ts";
import type { PointReader } from "../points/read_members.ts";
import type { StorageTarget } from "./storage_target.ts";

export interface RestoreDependencies extends PointReader {
  /** The database to restore into. */
  readonly database: Database;
  readonly clock: Clock;
  /** Storage of the project to restore into; without it no file is restored. */
  readonly storage?: StorageTarget;
}

export type ReportProgress = (progress: RunProgress) => void;
