import type { Session } from "../../database.ts";
import { arrange } from "./arrange.ts";
import { collect, type Collected } from "./collect.ts";
import { finish } from "./finish.ts";
import { type MissingObject, readEdges, readMissing } from "./graph.ts";
import type { SchemaExport, SchemaOmission } from "./statement.ts";
import type { SequenceValue } from "../../format/schema_statement.ts";

export interface ExportSchemaOptions {
  /** For example `["public"]`. Of the platform's schemas only the user's additions are exported. */
  readonly schemas: readonly string[];
}

/**
 * Reads the schema of a database as DDL from its catalogues. Runs in the caller's transaction, whose locks keep the
 * catalogues unchanged, and sets `search_path` and `jit` in it. Reads only, so it may be repeated.
 *
 * Throws what the session throws, for example `permission_denied` when a sequence may not be read.
 */
export async function exportSchema(
  session: Session,
  options: ExportSchemaOptions,
  signal?: AbortSignal,
): Promise<SchemaExport> {
  // Names are only qualified under an empty path. Compiling these queries (jit) would cost more than running them.
  await session.query("set local search_path = ''; set local jit = off", undefined, signal);
  const collected = await collect(session, options.schemas, signal);
  const { rows, edges } = withoutOrphans(collected, await readEdges(session, collected, signal));
  const missing = await readMissing(session, collected, signal);
  const { statements, circles } = arrange(rows, edges);
  const finished = finish(statements);
  return {
    statements: finished.statements,
    uncovered: [
      ...missing.map(entryOf),
      ...circles.flat().map(({ kind, identity }) => ({
        kind,
        identity,
        reason: "It is part of a circle of dependencies that no statement can break.",
      })),
      ...statements.filter(({ row, section }) => row.kind === "table" && section !== "pre-data").map(({ row }) => ({
        kind: row.kind,
        identity: row.identity,
        reason:
          "It needs something that can only be made after the rows are loaded, so its own rows have no place to go.",
      })),
    ],
    notCaptured: [
      ...collected.ledger.map(({ kind, identity, reason }) => ({ kind, identity, reason })),
      ...rows.flatMap(({ kind, identity, reason }) => reason ? [{ kind, identity, reason }] : []),
      ...finished.removedSecrets,
    ],
    sequences: collected.sequences.map(sequenceOf),
  };
}

/** Drops a comment whose object has no statement; the ledger names the object. */
function withoutOrphans(
  { rows }: Collected,
  needs: readonly { statement: number; after: number | null }[],
): { rows: Collected["rows"]; edges: { statement: number; after: number }[] } {
  const orphans = new Set<number>();
  const edges: { statement: number; after: number }[] = [];
  for (const { statement, after } of needs) {
    // Line numbers beyond the rows belong to ledger entries.
    if (statement > rows.length || after !== null && after > rows.length) continue;
    if (after !== null) edges.push({ statement: statement - 1, after: after - 1 });
    else if (rows[statement - 1].kind === "comment") orphans.add(statement - 1);
  }
  return { rows: rows.map((row, index) => orphans.has(index) ? { ...row, sql: null } : row), edges };
}

function entryOf({ kind, identity, is_elsewhere }: MissingObject): SchemaOmission {
  return {
    kind,
    identity,
    reason: is_elsewhere
      ? "Objects in the backup need it, but its schema is not backed up."
      : "Lifeboat has no statement that rebuilds this kind of object.",
  };
}

function sequenceOf(
  { schema, name, last_value, is_called, owned_by }: Collected["sequences"][number],
): SequenceValue {
  return {
    schema,
    name,
    lastValue: last_value,
    isCalled: is_called,
    ...(owned_by === null ? {} : { ownedBy: owned_by }),
  };
}
