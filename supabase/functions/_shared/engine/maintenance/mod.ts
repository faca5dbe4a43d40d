export { closeAbandonedRuns } from "./close_abandoned_runs.ts";
export { maintain, type MaintenanceDependencies, type MaintenanceReport } from "./maintain.ts";
export { reportDamage } from "./report_damage.ts";
export { type DumpStarter, restartDump } from "./restart_dump.ts";
export type { MediaStarter } from "./resume_media.ts";
export type { VerifyStarter } from "./resume_verify.ts";
export { returnUploads } from "./return_uploads.ts";
export { type PointName, type PointSettlement, settlePoint } from "./settle_point.ts";
