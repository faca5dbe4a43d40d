import { deepStrictEqual } from "node:assert/strict";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import type { DumpManifest } from "../../supabase/functions/_shared/contract/mod.ts";
import { readCatalogue } from "../../supabase/functions/_shared/engine/catalogue/catalogue.ts";
import { pinSettings } from "../../supabase/functions/_shared/engine/catalogue/pin_settings.ts";
import { tableDigestSql } from "../../supabase/functions/_shared/engine/format/row_line.ts";

type Table = DumpManifest["tables"][number];

/** Fails unless the database computes the manifest's row count and digest for every wanted table. */
export async function assertDigests(
  url: string,
  manifest: DumpManifest,
  wanted: (table: Table) => boolean,
): Promise<void> {
  const session = await createPostgresDatabase({ url }).connect({ applicationName: "lifeboat test" });
  try {
    await pinSettings(session, 10_000);
    const { tables } = await readCatalogue(session, { schemas: ["public"], excludedTables: [], excludedColumns: [] });
    for (const expected of manifest.tables.filter(wanted)) {
      const found = tables.find(({ schema, name }) => schema === expected.schema && name === expected.name);
      const columns = expected.columns.filter(({ inRows }) => inRows).map(({ name }) => name);
      const table = found && { ...found, columns: found.columns.filter(({ name }) => columns.includes(name)) };
      const [row] = table ? await session.query<{ rows: string; digest: string }>(tableDigestSql(table)) : [];
      const { rows, digest } = expected;
      deepStrictEqual(row, { rows: String(rows), digest }, `${expected.schema}.${expected.name}`);
    }
  } finally {
    await session.close();
  }
}
