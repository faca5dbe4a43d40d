export * from "./admin.ts";
export * from "./dump_manifest.ts";
export * from "./requests.ts";
export * from "./run.ts";
export * from "./run_details.ts";
