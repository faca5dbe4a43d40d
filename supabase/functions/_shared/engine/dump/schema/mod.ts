export { exportSchema, type ExportSchemaOptions } from "./export_schema.ts";
export type { SchemaExport, SchemaOmission } from "./statement.ts";
