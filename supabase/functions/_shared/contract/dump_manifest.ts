import * as z from "zod";
import { ledgerEntry } from "./run.ts";

/**
 * How a column's values are written in the JSON rows. A JSON string is read back by the type's own input function
 * (`value::type`), which is exact for every type. docs/DESIGN.md explains encoding `json`.
 */
const encoding = z.enum(["number", "boolean", "string", "json"]);
export type ColumnEncoding = z.infer<typeof encoding>;

export const dumpColumn = z.object({
  name: z.string(),
  /** As `format_type` writes it with an empty search_path, for example `numeric(12,2)` or `public.status`. */
  type: z.string(),
  encoding,
  notNull: z.boolean(),
  /** `always` and `by default` are identity columns, `stored` and `virtual` generated ones. */
  generated: z.enum(["always", "by default", "stored", "virtual"]).nullable(),
  /** False for generated and excluded columns, which the rows do not contain. */
  inRows: z.boolean(),
});
export type DumpColumn = z.infer<typeof dumpColumn>;

export const dumpTable = z.object({
  schema: z.string(),
  name: z.string(),
  kind: z.enum(["table", "partitioned table"]),
  /** Position in an order of tables in which foreign keys only point at earlier tables, except inside a cycle. */
  loadOrder: z.number().int(),
  primaryKey: z.array(z.string()),
  columns: z.array(dumpColumn),
});
export type DumpTable = z.infer<typeof dumpTable>;

/** One gzip member of the dump file. Bytes `offset` to `offset + length - 1` decompress on their own. */
export const dumpMember = z.object({
  offset: z.number().int(),
  length: z.number().int(),
  rawLength: z.number().int(),
  /** SHA-256 of the bytes as they are stored, in hex. */
  sha256: z.string(),
  /** Name as in `tables`; null for the head and the tail of the document. */
  table: z.string().nullable(),
  rows: z.number().int(),
  /** Reserved for encryption on the client's side; always null today. */
  cipher: z.null(),
});
export type DumpMember = z.infer<typeof dumpMember>;

export const dumpManifest = z.object({
  format: z.literal("lifeboat-manifest"),
  formatVersion: z.literal(1),
  project: z.string(),
  recoveryPoint: z.string(),
  runId: z.string(),
  /** When the snapshot was taken, by the clock of the database. */
  snapshotAt: z.string(),
  finishedAt: z.string(),
  source: z.object({
    serverVersion: z.string(),
    serverVersionNumber: z.number().int(),
    encoding: z.string(),
  }),
  dump: z.object({
    key: z.string(),
    sizeBytes: z.number().int(),
    rawBytes: z.number().int(),
    etag: z.string(),
    versionId: z.string().nullable(),
    /** SHA-256 of the whole file. Lifeboat always writes it; readers also accept null. */
    sha256: z.string().nullable(),
    /** SHA-256 over the members' SHA-256 digests (32 bytes each, in order). */
    membersSha256: z.string(),
  }),
  mediaManifestKey: z.string(),
  tables: z.array(dumpTable.extend({
    rows: z.number().int(),
    rawBytes: z.number().int(),
    bytes: z.number().int(),
    /** Sum of the first 64 bits of the SHA-256 of each row line, as a signed integer in decimal. */
    digest: z.string(),
  })),
  ledger: z.array(ledgerEntry),
  members: z.array(dumpMember),
});
export type DumpManifest = z.infer<typeof dumpManifest>;
