import type { DatabaseDetails, DumpManifest } from "../../contract/mod.ts";
import type { RunOutcome } from "../run/run.ts";
import { tableName } from "../format/sql_names.ts";

/** What the history says of a dump that lies in the store whole. */
export function dumpOutcomeOf(
  manifest: DumpManifest,
  manifestStoredAt: string,
  warnings: readonly string[],
): RunOutcome {
  const missing = manifest.ledger.filter((entry) => entry.severity === "missing");
  const details: DatabaseDetails = {
    tables: manifest.tables.map((table) => ({
      name: tableName(table),
      rows: table.rows,
      rawBytes: table.rawBytes,
      bytes: table.bytes,
    })),
    ledger: manifest.ledger,
    warnings: [...warnings],
  };
  return {
    status: missing.length === 0 ? "success" : "partial",
    s3Key: manifest.dump.key,
    manifestKey: manifestStoredAt,
    bytes: manifest.dump.sizeBytes,
    rawBytes: manifest.dump.rawBytes,
    tables: manifest.tables.length,
    rows: manifest.tables.reduce((sum, table) => sum + table.rows, 0),
    skipped: missing.length,
    checksum: `sha256:${manifest.dump.sha256}`,
    ...missing.length > 0 && {
      errorCode: "backup_incomplete",
      errorMessage: `${missing.length} ${missing.length === 1 ? "thing is" : "things are"} missing from this backup, ` +
        `first: ${missing[0].kind} ${missing[0].identity} (${missing[0].reason}).`,
      errorHint: "The list is in the run's ledger. Mend the causes or exclude them, then run the backup again.",
    },
    details: { ...details },
  };
}
