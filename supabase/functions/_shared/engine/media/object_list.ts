import type { LedgerEntry } from "../../contract/mod.ts";
import type { Session } from "../database.ts";
import { LifeboatError } from "../errors.ts";

/** Which objects belong to a recovery point. */
export interface ObjectListRequest {
  readonly recoveryPoint: string;
  /** Only these buckets. All of them when absent or empty. */
  readonly buckets?: readonly string[];
}

export interface ObjectList {
  readonly objects: number;
  readonly bytes: number;
  /** Buckets that are not in the list and why; `bucket_not_found` has severity `missing`. */
  readonly ledger: readonly LedgerEntry[];
}

/**
 * Writes the object list of a recovery point into `lifeboat.media_items`, of one moment however long it is. The caller owns the transaction: the dump runs this in a session
 * that imported its snapshot (which makes database and media one point), a media run of its own in one that it began.
 *
 * May be repeated: a point that has its list keeps it. Throws what `Session.query` throws, `storage_absent` when the
 * project has no Storage, and `object_list_unstable` when its tables were rewritten since the snapshot.
 */
export async function listMediaObjects(
  session: Session,
  request: ObjectListRequest,
  signal?: AbortSignal,
): Promise<ObjectList> {
  const known = await readObjectList(session, request.recoveryPoint, signal);
  if (known) return known;

  const columns = await storageColumns(session, signal);
  await refuseRewritten(session, signal);
  const wanted = request.buckets?.length ? request.buckets : null;
  const buckets = await session.query<{ id: string; standard: boolean; wanted: boolean; definition: unknown }>(
    bucketsQuery(columns),
    [wanted],
    signal,
  );
  const listed = buckets.filter((bucket) => bucket.standard && bucket.wanted);
  const ledger: LedgerEntry[] = [
    ...buckets.filter((bucket) => bucket.standard && !bucket.wanted).map(({ id }) => leftOut(id)),
    ...buckets.filter((bucket) => !bucket.standard).map(({ id }) => notFiles(id)),
    ...(await otherBuckets(session, columns, signal)).map(notFiles),
    ...(wanted ?? []).filter((id) => !buckets.some((bucket) => bucket.id === id)).map(notFound),
  ];

  await session.query(
    "select lifeboat.list_media_objects($1, $2)",
    [request.recoveryPoint, listed.map((bucket) => bucket.id)],
    signal,
  );
  await session.query(
    "select lifeboat.record_media_list($1, $2, $3)",
    [request.recoveryPoint, JSON.stringify(listed.map((bucket) => bucket.definition)), JSON.stringify(ledger)],
    signal,
  );
  return (await readObjectList(session, request.recoveryPoint, signal))!;
}

/** The list that a point has; undefined when it was not listed yet. */
export async function readObjectList(
  session: Session,
  recoveryPoint: string,
  signal?: AbortSignal,
): Promise<ObjectList | undefined> {
  const [point] = await session.query<{ ledger: LedgerEntry[]; objects: string; bytes: string }>(
    `select ledger, files_total as objects, bytes_total as bytes from lifeboat.media_points
      where recovery_point = $1`,
    [recoveryPoint],
    signal,
  );
  return point && { objects: Number(point.objects), bytes: Number(point.bytes), ledger: point.ledger };
}

/**
 * A TRUNCATE or a rewriting ALTER that commits after the snapshot was taken makes the table read as empty in it, and every
 * file would be left out in silence. So both are locked for the moment of the listing, and must still be stored where
 * the snapshot knows them: `pg_relation_filenode` answers as of now.
 */
async function refuseRewritten(session: Session, signal?: AbortSignal): Promise<void> {
  await session.query("lock table storage.objects, storage.buckets in access share mode", undefined, signal);
  const [rewritten] = await session.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_catalog.pg_class c
      where c.oid in ('storage.objects'::regclass, 'storage.buckets'::regclass)
        and pg_catalog.pg_relation_filenode(c.oid) <> c.relfilenode`,
    undefined,
    signal,
  );
  if (!rewritten) return;
  throw new LifeboatError({
    code: "object_list_unstable",
    kind: "transient",
    message:
      `${rewritten.name} was rewritten or emptied while the backup began, so its list of files cannot be trusted.`,
    hint: "Wait until the update of Storage has ended, then run the backup again.",
    operation: "media.list",
    subject: rewritten.name,
  });
}

type Columns = ReadonlySet<string>;

/** Columns and tables differ with the age of the platform, so the catalogue is asked: `objects.version`, `buckets.type` … */
async function storageColumns(session: Session, signal?: AbortSignal): Promise<Columns> {
  const rows = await session.query<{ name: string }>(
    `select c.relname || '.' || a.attname as name
       from pg_catalog.pg_class c
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       join pg_catalog.pg_attribute a on a.attrelid = c.oid
      where n.nspname = 'storage' and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
        and c.relname in ('objects', 'buckets', 'buckets_analytics', 'buckets_vectors')`,
    [],
    signal,
  );
  const columns = new Set(rows.map((row) => row.name));
  // A project whose Storage was never set up has nothing to list; the INSERT would fail with less useful words.
  if (!columns.has("objects.bucket_id") || !columns.has("buckets.id")) throw storageAbsent();
  return columns;
}

function bucketsQuery(columns: Columns): string {
  const standard = columns.has("buckets.type") ? "b.type::text = 'STANDARD'" : "true";
  return `select b.id, ${standard} as standard, ($1::text[] is null or b.id = any ($1)) as wanted,
                 to_jsonb(b.*) - 'owner' - 'owner_id' as definition
            from storage.buckets b order by b.id collate "C"`;
}

/** Analytics and vector buckets are rows of tables of their own. */
async function otherBuckets(session: Session, columns: Columns, signal?: AbortSignal): Promise<string[]> {
  const tables = ["buckets_analytics", "buckets_vectors"].filter((table) => columns.has(`${table}.id`));
  if (tables.length === 0) return [];
  const label = (table: string) => columns.has(`${table}.name`) ? "name::text" : "id::text";
  const union = tables.map((table) => `select ${label(table)} as id from storage.${table}`).join(" union all ");
  return (await session.query<{ id: string }>(`${union} order by id`, [], signal)).map((row) => row.id);
}

function leftOut(bucket: string): LedgerEntry {
  return { kind: "bucket", identity: bucket, reason: "It is not in BACKUP_BUCKETS.", severity: "expected" };
}

function notFiles(bucket: string): LedgerEntry {
  return {
    kind: "bucket",
    identity: bucket,
    reason: "Analytics and vector buckets hold no files and are not captured.",
    severity: "expected",
  };
}

function notFound(bucket: string): LedgerEntry {
  return {
    kind: "bucket",
    identity: bucket,
    reason: "bucket_not_found: BACKUP_BUCKETS names it, but the project has no such bucket.",
    severity: "missing",
  };
}

function storageAbsent(): LifeboatError {
  return new LifeboatError({
    code: "storage_absent",
    kind: "permanent",
    message: "The project has no tables storage.objects and storage.buckets, or Lifeboat may not see them.",
    hint: "Open Storage in the Supabase dashboard once, or switch the media backup off.",
    operation: "media.list",
    subject: "storage.objects",
  });
}
