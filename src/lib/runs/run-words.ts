import type { RunKind, RunStatus, RunTrigger } from "../../../supabase/functions/_shared/contract/mod.ts";

export const KIND_NAMES: Readonly<Record<RunKind, string>> = {
  database: "Database",
  media: "Media",
  verify: "Verification",
  drill: "Restore drill",
  restore: "Restore",
};

export const STATUS_NAMES: Readonly<Record<RunStatus, string>> = {
  running: "Running",
  success: "Success",
  partial: "Partial",
  failed: "Failed",
  cancelled: "Cancelled",
  damaged: "Damaged",
};

export const TRIGGER_NAMES: Readonly<Record<RunTrigger, string>> = { cron: "Schedule", manual: "Manual", api: "API" };

const PHASES: Readonly<Record<string, string>> = {
  preparing: "Preparing",
  schema: "Reading the schema",
  rows: "Reading tables",
  uploading: "Finishing the upload",
  listing: "Listing files",
  files: "Copying files",
  r2: "Taking the R2 inventory",
  manifest: "Writing the manifest",
  database: "Checking the dump",
};

export function phaseName(kind: RunKind, phase: string): string {
  if (kind === "verify" && phase === "files") return "Checking files";
  return PHASES[phase] ?? phase;
}
