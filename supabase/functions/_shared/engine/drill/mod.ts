export { type DrillDependencies, drillPoint, type DrillSettings, type FurtherCheck } from "./drill_point.ts";
export { type DatabaseServer, type ScratchDatabase, withScratchDatabase } from "./scratch_database.ts";
export { type DrillRequest, runDrill, startDrill } from "./run_drill.ts";
