import type { Session } from "../database.ts";
import { tableName } from "../format/sql_names.ts";
import { withPartitions } from "./partitions.ts";
import { type DatabasePlan, type PlanEntry, tablesToLoad } from "./plan.ts";
import { planTables } from "./plan_tables.ts";
import type { PointSchema } from "../format/document_ends.ts";
import { readSchema } from "../points/read_schema.ts";
import type { OpenPoint } from "../points/open_point.ts";
import type { RestoreRequest } from "./request.ts";
import type { RestoreDependencies } from "./restore_dependencies.ts";
import { stableHash } from "./stable_hash.ts";
import type { ManifestTable } from "../format/manifest.ts";
import { formatNames, readTarget, type Target } from "./target.ts";
import { APPLIED_SECTIONS, plannedStatements, requestedTables } from "./work.ts";

export interface DatabasePlanned {
  readonly plan: DatabasePlan;
  /** The request, with partitions added to the tables that it names. */
  readonly request: RestoreRequest;
  readonly conflicts: readonly PlanEntry[];
  readonly warnings: readonly string[];
  readonly notRestored: readonly PlanEntry[];
}

/** Compares the database part of a point with the target. Writes nothing. */
export async function planDatabase(
  dependencies: RestoreDependencies,
  session: Session,
  point: OpenPoint,
  asked: RestoreRequest,
  signal?: AbortSignal,
): Promise<DatabasePlanned> {
  const schema = await readSchema(dependencies, point, signal);
  const tablesNamed = asked.tables && await withPartitions(session, point, schema, asked.tables, signal);
  const request = { ...asked, ...tablesNamed && { tables: tablesNamed } };
  const wanted = requestedTables(request, point);
  const schemas = schemasOf(point);
  const target = await readTarget(session, schemas, signal);
  const { tables, conflicts, notRestored } = planTables(wanted, target, request);
  const created = new Set(tables.filter(({ action }) => action === "create").map(({ table }) => table));
  const createdNames = await formatNames(session, wanted.filter((table) => created.has(tableName(table))), signal);
  const names = request.tables === undefined ? [] : createdNames;
  const statements = APPLIED_SECTIONS.flatMap((section) => plannedStatements(schema, section, request, names));
  const kinds: Record<string, number> = {};
  for (const { kind } of statements) kinds[kind] = (kinds[kind] ?? 0) + 1;
  const { serverVersion, serverVersionNumber } = point.manifest.source;
  const plan: DatabasePlan = {
    manifestSha256: point.manifestSha256,
    snapshotAt: point.manifest.snapshotAt,
    source: { serverVersion, serverVersionNumber },
    target: {
      database: target.database,
      role: target.role,
      serverVersion: target.serverVersion,
      serverVersionNumber: target.serverVersionNumber,
      fingerprint: targetFingerprint(dependencies, target),
    },
    preamble: !target.isProject,
    asReplica: target.mayUseReplicaRole,
    statements: kinds,
    disarmed: plannedStatements(schema, "activation", request, names).length,
    sequences: schema.sequences.length,
    tables,
    rows: 0,
    bytes: 0,
  };
  const loaded = tablesToLoad(plan);
  return {
    request,
    plan: {
      ...plan,
      rows: loaded.reduce((sum, table) => sum + table.rows, 0),
      bytes: loaded.reduce((sum, table) => sum + table.bytes, 0),
    },
    conflicts: [
      ...conflicts,
      ...objectConflicts(statements, target),
      ...extensionConflicts(statements, target),
      ...typeConflicts(wanted.filter((table) => created.has(tableName(table))), schema, statements, target),
    ],
    warnings: versionWarnings(point, target),
    notRestored,
  };
}

/** Names of the schemas that a restore reads and writes. */
export function schemasOf({ manifest }: OpenPoint): string[] {
  return [...new Set(["public", ...manifest.tables.map((table) => table.schema)])].sort();
}

/** A hash of everything about the target that decides what a restore does to it. */
export function targetFingerprint(dependencies: Pick<RestoreDependencies, "checksums">, target: Target): string {
  const tables = target.tables.map((
    { estimatedRows: _estimate, toasted: _toasted, oid: _oid, references: _references, ...table },
  ) => table);
  return stableHash(dependencies.checksums, { ...target, tables });
}

const OBJECT_OF_KIND: Readonly<Record<string, string>> = {
  "table": "relation",
  "sequence": "relation",
  "view": "relation",
  "materialized view": "relation",
  "enum type": "type",
  "domain": "type",
  "composite type": "type",
  "range type": "type",
  "function": "routine",
  "aggregate": "routine",
};

function objectConflicts(
  statements: readonly { readonly kind: string; readonly identity: string; readonly sql: string }[],
  target: Target,
): PlanEntry[] {
  const there = new Set(target.objects);
  return statements
    .filter(({ kind, identity, sql }) =>
      kind !== "table" && there.has(`${OBJECT_OF_KIND[kind]} ${identity}`) && !/^create or replace /i.test(sql)
    )
    .map(({ kind, identity }) => ({ kind, identity, reason: "The target has one of this name already." }));
}

/** A request for single tables does not make the types that their columns need. */
function typeConflicts(
  made: readonly ManifestTable[],
  { statements }: PointSchema,
  planned: readonly { readonly kind: string; readonly identity: string }[],
  target: Target,
): PlanEntry[] {
  const types = ({ kind }: { readonly kind: string }) => OBJECT_OF_KIND[kind] === "type";
  const there = new Set([...target.objects, ...planned.filter(types).map(({ identity }) => `type ${identity}`)]);
  const lacking = statements.filter((statement) => types(statement) && !there.has(`type ${statement.identity}`));
  return lacking.flatMap(({ kind, identity }) => {
    const table = made.find(({ columns }) => columns.some(({ type }) => type.replace(/(\[\])+$/, "") === identity));
    const reason = "The target has no such type. Restore its schema, or everything, and not single tables.";
    return table ? [{ kind, identity, reason: `Table ${tableName(table)} needs it. ${reason}` }] : [];
  });
}

/** An extension that may be left out has a guarded statement, which begins with `do`. */
function extensionConflicts(
  statements: readonly { readonly kind: string; readonly identity: string; readonly sql: string }[],
  target: Target,
): PlanEntry[] {
  const available = new Set(target.availableExtensions);
  return statements
    .filter(({ kind, identity, sql }) =>
      kind === "extension" && sql.startsWith("create ") && !available.has(identity.replace(/^"(.*)"$/, "$1"))
    )
    .map(({ kind, identity }) => ({ kind, identity, reason: "The target's server does not have this extension." }));
}

function versionWarnings({ manifest }: OpenPoint, target: Target): string[] {
  const major = (version: number) => Math.floor(version / 10_000);
  const [from, to] = [major(manifest.source.serverVersionNumber), major(target.serverVersionNumber)];
  const warnings: string[] = [];
  if (from < to) warnings.push(`The backup is of PostgreSQL ${from}, the target is ${to}: newer, which usually works.`);
  if (from > to) {
    warnings.push(`The backup is of PostgreSQL ${from}, the target is ${to}: statements it does not know stop it.`);
  }
  if (target.encoding !== "UTF8" && target.encoding !== manifest.source.encoding) {
    warnings.push(`The target's encoding is ${target.encoding}: text that it cannot hold stops the restore.`);
  }
  if (!target.isProject) {
    warnings.push(
      "The target is no Supabase project: roles and schemas of one are made first, with stand-ins for its tables.",
    );
  }
  if (!target.mayUseReplicaRole) {
    warnings.push("This role may not set session_replication_role: triggers are switched off table by table.");
  }
  return warnings;
}
