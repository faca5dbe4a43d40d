export { executeRun, executeStep, type LeftRun } from "./execute_run.ts";
export type { RunDependencies } from "./lease_run.ts";
export type { LeasedRun } from "./leased_run.ts";
export { noteWarning } from "./note_warning.ts";
export { RUN_TIMING, type RunTiming } from "./leased_run.ts";
export { settledByOthers } from "./settle_run.ts";
export { type StartRequest, startRun } from "./start_run.ts";
