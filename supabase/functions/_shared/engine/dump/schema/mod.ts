export { exportSchema, type ExportSchemaOptions } from "./export_schema.ts";
export { RESTORE_PREAMBLE } from "./preamble.ts";
export type { LedgerEntry, SchemaExport, SchemaStatement, Section, SequenceValue } from "./statement.ts";
