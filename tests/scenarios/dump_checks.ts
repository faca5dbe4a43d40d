import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import {
  type BackupHistoryRow,
  databaseDetails,
  type DumpManifest,
  dumpManifest,
} from "../../supabase/functions/_shared/contract/mod.ts";
import { readCatalogue } from "../../supabase/functions/_shared/engine/catalogue/catalogue.ts";
import { quoteTable, tableName } from "../../supabase/functions/_shared/engine/format/sql_names.ts";
import { pinSettings } from "../../supabase/functions/_shared/engine/catalogue/pin_settings.ts";
import { tableDigestSql } from "../../supabase/functions/_shared/engine/format/row_line.ts";
import { readObject, sha256 } from "../support/bucket_contents.ts";
import type { LiveProject } from "../support/live_project.ts";

/** The tables that a run itself changes after the snapshot. */
const MOVE_ON = ["backup_history", "backup_audit_log"];

const COUNT_ROWS = `
import gzip, json, sys
with gzip.open(sys.argv[1], "rt", encoding="utf-8") as file:
    document = json.load(file)
print(json.dumps({name: len(table["rows"]) for name, table in document["tables"].items()}))
`;

/** Why Python cannot run on this machine; undefined when it can. Throws in CI, where it is required. */
export async function pythonIsMissing(): Promise<string | undefined> {
  try {
    const { success } = await new Deno.Command("python3", { args: ["-c", "import gzip, json"] }).output();
    if (success) return undefined;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  if (Deno.env.get("CI") === "true") throw new Error("python3 is required here.");
  return "python3 is not installed";
}

/** Fails unless Python's gzip and JSON read the file as one document and count the same rows as the database. */
export async function assertPythonAgrees(project: LiveProject, key: string): Promise<void> {
  const file = await Deno.makeTempFile({ suffix: ".json.gz" });
  try {
    await Deno.writeFile(file, await readObject(project.bucket, key));
    const { success, stdout, stderr } = await new Deno.Command("python3", { args: ["-c", COUNT_ROWS, file] }).output();
    ok(success, new TextDecoder().decode(stderr));
    const counted: Record<string, number> = JSON.parse(new TextDecoder().decode(stdout));
    for (const name of MOVE_ON) delete counted[name];

    const tables = await project.sql<{ schema: string; name: string }>(
      `select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p') and (n.nspname in ('public', 'auth') and c.oid::regclass::text <> 'auth.schema_migrations'
         or n.nspname || '.' || c.relname in ('storage.buckets', 'supabase_migrations.schema_migrations', 'supabase_migrations.seed_files'))
         and n.nspname || '.' || c.relname <> all ($1::text[])`,
      [MOVE_ON.map((name) => `public.${name}`)],
    );
    const expected: Record<string, number> = {};
    for (const table of tables) {
      const [{ rows }] = await project.sql<{ rows: number }>(
        `select count(*)::int4 as rows from only ${quoteTable(table)}`,
      );
      expected[tableName(table)] = rows;
    }
    deepStrictEqual(sorted(counted), sorted(expected));
    ok(Object.values(counted).filter((rows) => rows > 1_000).length >= 15, "tables of over 1,000 rows");
  } finally {
    await Deno.remove(file);
  }
}

function sorted<Value>(record: Record<string, Value>): [string, Value][] {
  return Object.entries(record).sort(([a], [b]) => a < b ? -1 : 1);
}

async function readDumpManifest(project: LiveProject, run: BackupHistoryRow): Promise<DumpManifest> {
  return dumpManifest.parse(JSON.parse(new TextDecoder().decode(await readObject(project.bucket, run.manifest_key!))));
}

/** Fails unless manifest, history and a digest that the database computes agree about every table. */
export async function assertDatabaseIsInDump(project: LiveProject, run: BackupHistoryRow): Promise<void> {
  const manifest = await readDumpManifest(project, run);
  const session = await createPostgresDatabase({ url: project.details.dbUrl }).connect({ applicationName: "test" });
  try {
    await pinSettings(session, 10_000);
    const { tables } = await readCatalogue(session, { schemas: ["public"], excludedTables: [], excludedColumns: [] });
    const anew: [string, string, string][] = [];
    for (const table of tables.filter(({ name }) => !MOVE_ON.includes(name))) {
      // Rows do not hold generated columns, because a restore computes them again.
      const columns = table.columns.filter(({ generated }) => generated !== "stored" && generated !== "virtual");
      const sql = tableDigestSql({ ...table, columns });
      const [{ rows, digest }] = await session.query<{ rows: string; digest: string }>(sql);
      anew.push([tableName(table), rows, digest]);
    }
    const recorded = manifest.tables.filter(({ name }) => !MOVE_ON.includes(name))
      .map((table): [string, string, string] => [tableName(table), String(table.rows), table.digest]);
    deepStrictEqual(recorded.sort(), anew.sort());
  } finally {
    await session.close();
  }
  deepStrictEqual([manifest.runId, manifest.dump.key, manifest.dump.sizeBytes], [run.id, run.s3_key, run.bytes]);
  const details = databaseDetails.parse(run.details);
  deepStrictEqual(
    details.tables.map(({ name, rows }) => [name, rows]).sort(),
    manifest.tables.map((table) => [tableName(table), table.rows]).sort(),
  );
  strictEqual(run.tables, manifest.tables.length);
  strictEqual(run.rows, manifest.tables.reduce((sum, { rows }) => sum + rows, 0));
  deepStrictEqual(details.ledger.filter(({ severity }) => severity === "missing"), []);
  deepStrictEqual(details.warnings, []);
}

/**
 * Fails unless each member, read by a Range request, has its checksum and decompresses alone, and all make up the file.
 */
export async function assertMembersStandAlone(project: LiveProject, run: BackupHistoryRow): Promise<void> {
  const { members, tables } = await readDumpManifest(project, run);
  let text = "";
  let offset = 0;
  for (const member of members) {
    strictEqual(member.offset, offset);
    offset += member.length;
    const { body } = await project.bucket.get(run.s3_key!, { range: { offset: member.offset, length: member.length } });
    const bytes = await new Response(body).bytes();
    deepStrictEqual([bytes.length, sha256(bytes)], [member.length, member.sha256]);
    const plain = gunzipSync(bytes).toString();
    strictEqual(new TextEncoder().encode(plain).length, member.rawLength);
    text += plain;
  }
  strictEqual(offset, run.bytes);
  const rows = Map.groupBy(members.filter(({ table }) => table !== null), ({ table }) => table);
  for (const table of tables) {
    const inMembers = rows.get(tableName(table))?.reduce((sum, member) => sum + member.rows, 0);
    deepStrictEqual([tableName(table), inMembers], [tableName(table), table.rows]);
  }
  strictEqual(Object.keys(JSON.parse(text).tables).length, run.tables);
}
