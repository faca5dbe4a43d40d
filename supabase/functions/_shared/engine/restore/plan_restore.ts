import type { Session } from "../database.ts";
import { tableName } from "./dump_language.ts";
import { withPartitions } from "./partitions.ts";
import { planMedia } from "./plan_media.ts";
import { type DatabasePlan, type PlanEntry, type RestorePlan, tablesToLoad } from "./plan.ts";
import { planTables } from "./plan_tables.ts";
import { readSchema } from "./read_head.ts";
import { findPoint, type OpenPoint, openPoint } from "./read_point.ts";
import { type RestoreRequest, wantsDatabase, wantsMedia } from "./request.ts";
import type { RestoreDependencies } from "./restore_dependencies.ts";
import { readRestores } from "./restore_state.ts";
import { formatNames, prepareSession, readTarget, type Target } from "./target.ts";
import { APPLIED_SECTIONS, plannedStatements, requestedTables } from "./work.ts";

/**
 * Says what a restore would do, and does none of it. The plan is plain data; `applyRestore` takes it and nothing else.
 * Where the same request was begun on this target and interrupted, its plan is returned, to be continued.
 *
 * Throws `point_missing`, `point_ambiguous`, `format_unknown`, `backup_damaged`, `restore_scope_unknown`,
 * `storage_not_given`, and what the bucket, the database and Storage throw. May be repeated.
 */
export async function planRestore(
  dependencies: RestoreDependencies,
  request: RestoreRequest,
  signal?: AbortSignal,
): Promise<RestorePlan> {
  const wanted = { database: wantsDatabase(request), media: wantsMedia(request) };
  const found = await findPoint(dependencies.store, request, wanted.database ? "manifest" : "mediaManifest", signal);
  const point = wanted.database ? await openPoint(dependencies, found, signal) : null;
  const settled = { ...request, ...found };
  const requestKey = hash(dependencies, [point?.manifestSha256 ?? null, settled]);
  const conflicts: PlanEntry[] = [];
  let database: Awaited<ReturnType<typeof planDatabase>> | null = null;
  if (point !== null) {
    const session = await dependencies.database.connect({ applicationName: "lifeboat restore plan" }, signal);
    try {
      await prepareSession(session, signal);
      const restores = await readRestores(session, signal);
      const begun = restores.find((restore) => restore.finishedAt === null);
      if (begun?.plan.requestKey === requestKey) {
        return { ...begun.plan, resume: { startedAt: begun.startedAt, stepsDone: begun.stepsDone } };
      }
      if (begun) conflicts.push(unfinished(begun.id, begun.plan));
      database = await planDatabase(dependencies, session, point, settled, signal);
    } finally {
      await session.close();
    }
  }
  const media = wanted.media ? await planMedia(dependencies, found, settled, signal) : null;
  const allConflicts = [...conflicts, ...database?.conflicts ?? [], ...media?.conflicts ?? []];
  return {
    format: "lifeboat-restore-plan",
    formatVersion: 1,
    id: hash(dependencies, [requestKey, database?.plan.target.fingerprint ?? media?.plan?.manifestSha256 ?? null]),
    requestKey,
    request: database?.request ?? settled,
    project: found.project,
    recoveryPoint: found.point,
    database: database?.plan ?? null,
    media: media?.plan ?? null,
    conflicts: allConflicts,
    warnings: [...database?.warnings ?? [], ...media?.warnings ?? []],
    notRestored: [
      ...point === null ? [] : missingInBackup(point),
      ...database?.notRestored ?? [],
      ...media?.notRestored ?? [],
    ],
    resume: null,
  };
}

interface DatabaseFound {
  readonly conflicts: readonly PlanEntry[];
  readonly warnings: readonly string[];
  readonly notRestored: readonly PlanEntry[];
}

async function planDatabase(
  dependencies: RestoreDependencies,
  session: Session,
  point: OpenPoint,
  asked: RestoreRequest,
  signal?: AbortSignal,
): Promise<DatabaseFound & { readonly plan: DatabasePlan; readonly request: RestoreRequest }> {
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
      fingerprint: fingerprint(dependencies, target),
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
    conflicts: [...conflicts, ...objectConflicts(statements, target), ...extensionConflicts(statements, target)],
    warnings: versionWarnings(point, target),
    notRestored,
  };
}

/** Schemas that a restore reads and writes. */
export function schemasOf({ manifest }: OpenPoint): string[] {
  return [...new Set(["public", ...manifest.tables.map((table) => table.schema)])].sort();
}

/** Everything about the target that decides what a restore does to it. */
export function fingerprint(dependencies: Pick<RestoreDependencies, "checksums">, target: Target): string {
  const tables = target.tables.map((
    { estimatedRows: _estimate, toasted: _toasted, oid: _oid, references: _references, ...table },
  ) => table);
  return hash(dependencies, { ...target, tables });
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

/** A statement of an extension that may be left out is guarded, and so begins with `do`. */
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

function missingInBackup({ manifest }: OpenPoint): PlanEntry[] {
  return manifest.ledger.filter((entry) => entry.severity === "missing").map(({ kind, identity, reason }) => ({
    kind,
    identity,
    reason: `Not in the backup: ${reason}`,
  }));
}

function unfinished(id: string, plan: RestorePlan): PlanEntry {
  return {
    kind: "restore",
    identity: id.slice(0, 12),
    reason:
      `Another restore (of ${plan.project} ${plan.recoveryPoint}) was begun here and is not finished. Run that command ` +
      "again to continue it, or give it up with: drop schema lifeboat_restore cascade",
  };
}

/** Texts, numbers and lists in a fixed order: the same things always hash the same. */
function hash({ checksums }: Pick<RestoreDependencies, "checksums">, value: unknown): string {
  const sum = checksums.sha256();
  sum.update(
    new TextEncoder().encode(
      JSON.stringify(
        value,
        (_name, item: unknown) =>
          typeof item === "object" && item !== null && !Array.isArray(item)
            ? Object.fromEntries(
              Object.entries(item).sort(([a], [b]) => a < b ? -1 : 1),
            )
            : item,
      ),
    ),
  );
  return sum.hex();
}
