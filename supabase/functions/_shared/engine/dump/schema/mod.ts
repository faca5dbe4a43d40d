export { exportSchema, type ExportSchemaOptions } from "./export_schema.ts";
export type { LedgerEntry, SchemaExport } from "./statement.ts";
