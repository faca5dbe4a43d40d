import type { RunKind, RunStatus, RunTrigger } from "../../../supabase/functions/_shared/contract/mod.ts";

export const kindNames: Readonly<Record<RunKind, string>> = {
  database: "Database",
  media: "Media",
  verify: "Verification",
  drill: "Restore drill",
  restore: "Restore",
};

export const statusNames: Readonly<Record<RunStatus, string>> = {
  running: "Running",
  success: "Success",
  partial: "Partial",
  failed: "Failed",
  cancelled: "Cancelled",
  damaged: "Damaged",
};

export const triggerNames: Readonly<Record<RunTrigger, string>> = { cron: "Schedule", manual: "Manual", api: "API" };

const phases: Readonly<Record<string, string>> = {
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
  return phases[phase] ?? phase;
}
