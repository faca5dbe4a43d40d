import * as z from "zod";
import { dumpManifest, dumpMember } from "./dump_manifest.ts";
import { uploadedPart } from "./media_state.ts";
import { ledgerEntry } from "./run.ts";

// What a dump carries from one invocation to the next: `lifeboat.checkpoint_dump`, lifeboat.dumps and lifeboat.dump_steps.

/** Which tables a dump holds. */
export const dumpScope = z.object({
  /** Schemas whose tables are dumped, `public` by default. `auth`, the buckets and the migration history come by themselves. */
  schemas: z.array(z.string()).readonly(),
  /** Tables left out by setting. */
  excludedTables: z.array(z.object({ schema: z.string(), table: z.string() })).readonly(),
  /** Columns left out by setting. */
  excludedColumns: z.array(z.object({ schema: z.string(), table: z.string(), column: z.string() })).readonly(),
});
export type DumpScope = Readonly<z.infer<typeof dumpScope>>;

const catalogueColumn = z.object({
  name: z.string(),
  type: z.string(),
  /** Object id of the base type. */
  baseType: z.number(),
  /** True for arrays, composites, ranges and multiranges, which JSON would flatten. */
  structured: z.boolean(),
  notNull: z.boolean(),
  generated: z.enum(["always", "by default", "stored", "virtual"]).nullable(),
});
export type CatalogueColumn = Readonly<z.infer<typeof catalogueColumn>>;

const catalogueTable = z.object({
  oid: z.string(),
  schema: z.string(),
  name: z.string(),
  kind: z.enum(["table", "partitioned table"]),
  /** True when rows lie in heap pages, which can be read by page range. */
  heap: z.boolean(),
  /** True when some values may lie outside the row (TOAST), so that a page says little about the size of its rows. */
  toasted: z.boolean(),
  estimatedRows: z.number(),
  primaryKey: z.array(z.string()),
  columns: z.array(catalogueColumn),
  /** Object ids of the tables that this one's foreign keys point at. */
  references: z.array(z.string()),
  /** The partitioned tables above it: what the owner says of those is meant for their rows, which lie here. */
  partitionOf: z.array(z.object({ schema: z.string(), name: z.string() })),
  readable: z.boolean(),
  /** The extension that owns the table, whose rows `create extension` makes again. */
  extension: z.string().nullable(),
  foreign: z.boolean(),
});
export type CatalogueTable = Readonly<z.infer<typeof catalogueTable>>;

export const catalogue = z.object({
  /** Every table in scope that can be read, by schema and name. */
  tables: z.array(catalogueTable),
  /** What is in scope and not in the dump. */
  ledger: z.array(ledgerEntry),
});
export type Catalogue = Readonly<z.infer<typeof catalogue>>;

/** What is the same in every step of a dump. */
export const dumpFrame = z.object({
  takenAt: z.string(),
  serverVersion: z.string(),
  serverVersionNumber: z.number(),
  encoding: z.string(),
  catalogue,
  scope: dumpScope,
  maxRowBytes: z.number(),
  partSizeBytes: z.number(),
  /** Of the bucket that the dump goes to, as `claimOwnership` returns it. */
  marker: z.string(),
  /** What the schema's export says is not in it. */
  schemaLedger: z.array(ledgerEntry).readonly(),
  warnings: z.array(z.string()).readonly(),
});
export type DumpFrame = Readonly<z.infer<typeof dumpFrame>>;

/** Where the next step begins. */
export const dumpPosition = z.object({
  rows: z.object({
    /** Index of the table that is next or being read. */
    table: z.number().int(),
    /** The first place of it that was not read. */
    place: z.string(),
    /** What is known of the table that is being read; null before its head was written. */
    sum: z.object({
      rows: z.number(),
      digest: z.string(),
      rawBytes: z.number(),
      /** Places of rows that were refused for their size; the first hundred of them. */
      refused: z.array(z.string()),
      refusedRows: z.number(),
    }).nullable(),
    rowsDone: z.number(),
    bytesDone: z.number(),
  }),
  parts: z.object({ uploadId: z.string().nullable(), sizeBytes: z.number(), parts: z.number().int() }),
  /** State of the checksum of the whole file. */
  sha256: z.string(),
  /**
   * When the last byte was written; null before. Then only the upload is left to be completed and the manifest to be
   * stored, and this is the manifest's time: written twice it has to be the same.
   */
  finishedAt: z.string().nullable(),
});
export type DumpPosition = Readonly<z.infer<typeof dumpPosition>>;

/** What one step added. Small: a dump of 100 GB has 50,000 members. */
export const dumpDone = z.object({
  members: z.array(dumpMember).readonly(),
  parts: z.array(uploadedPart).readonly(),
  tables: dumpManifest.shape.tables.readonly(),
  ledger: z.array(ledgerEntry).readonly(),
});
export type DumpDone = Readonly<z.infer<typeof dumpDone>>;
