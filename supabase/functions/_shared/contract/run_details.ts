import * as z from "zod";
import { ledgerEntry } from "./run.ts";

/** `details` of a database run. */
export const databaseDetails = z.object({
  tables: z.array(z.object({
    /** `bookings`, or `auth.users` outside `public`. */
    name: z.string(),
    rows: z.number(),
    /** Size of the table's JSON before compression. */
    rawBytes: z.number(),
    /** Size of the table as it is stored. */
    bytes: z.number(),
  })),
  ledger: z.array(ledgerEntry),
  /** Sentences about what went wrong but did not make the dump incomplete. */
  warnings: z.array(z.string()),
});
export type DatabaseDetails = z.infer<typeof databaseDetails>;

/** `details` of a media run. Lists are cut at 1,000 entries; the media manifest has all of them. */
export const mediaDetails = z.object({
  buckets: z.array(z.object({
    bucket: z.string(),
    files: z.number(),
    bytes: z.number(),
    copied: z.number(),
    unchanged: z.number(),
    skipped: z.number(),
  })),
  skipped: z.array(z.object({ bucket: z.string(), path: z.string(), code: z.string(), reason: z.string() })),
  skewed: z.array(z.object({ bucket: z.string(), path: z.string(), reason: z.string() })),
  r2: z.object({
    items: z.number(),
    bytes: z.number().nullable(),
    sources: z.array(z.object({ table: z.string(), status: z.string(), items: z.number() })),
    /** Result of the comparison with R2's own listing; the inventory names the files themselves. */
    reconcile: z.discriminatedUnion("status", [
      z.object({ status: z.literal("not_configured") }),
      z.object({ status: z.literal("failed"), code: z.string(), message: z.string() }),
      z.object({
        status: z.literal("done"),
        /** Number of objects in R2. */
        listed: z.number(),
        counts: z.object({
          inDatabaseMissingInR2: z.number(),
          inR2UnknownToDatabase: z.number(),
          sizeMismatch: z.number(),
        }),
      }),
    ]),
  }).nullable(),
  ledger: z.array(ledgerEntry),
  warnings: z.array(z.string()),
});
export type MediaDetails = z.infer<typeof mediaDetails>;
