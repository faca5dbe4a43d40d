import type { Database, Session } from "../database.ts";
import { hasCode } from "../errors.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { presentMarker } from "../store/ownership.ts";
import { listCopies } from "./listed_copies.ts";
import { readNamedCopies } from "./named_copies.ts";

export interface CopiesDependencies {
  readonly database: Database;
  readonly store: ObjectStore;
}

/** Limits of the host. What exceeds them is left to the command line, which has none. */
export interface CopiesLimits {
  /** Greatest number of files whose copies are compared with the listing. */
  readonly copies: number;
  /** Greatest size of a media manifest as it is stored, in bytes. */
  readonly manifestBytes: number;
}

export interface CopiesReport {
  /** Number of copies that were recorded again from the newest media manifest. */
  readonly rebuilt: number;
  /** Number of copies that counted as stored, but are missing from the bucket or differ from what was stored. */
  readonly forgotten: number;
  /** Why nothing was compared; null when it was compared, or when there is nothing to compare. */
  readonly leftOut: "too many" | "another destination" | null;
  /** Number of entries of the listing that were compared. */
  readonly compared: number;
}

const NOTHING: CopiesReport = { rebuilt: 0, forgotten: 0, leftOut: null, compared: 0 };

/**
 * Compares `lifeboat.media_objects`, which records the newest copy of each object, with the bucket's own listing. A
 * copy that the listing lacks is forgotten; otherwise the next backup would name a file that is not stored. The next
 * media run then stores it again. Where the records themselves were lost, they are taken from the newest media
 * manifest, as far as the listing confirms them by key, size and ETag.
 *
 * Nothing is changed unless the listing was read to its end. May be repeated, and may run beside a media run, whose new
 * copies are left alone. Throws the errors of store and database, and `format_unknown`.
 */
export async function reconcileCopies(
  { database, store }: CopiesDependencies,
  project: string,
  limits: CopiesLimits,
  signal?: AbortSignal,
): Promise<CopiesReport> {
  const session = await database.connect({ applicationName: "lifeboat copies" }, signal);
  try {
    await session.query("set search_path = ''; set statement_timeout = 0", undefined, signal);
    const known = await readKnown(session, signal);
    const marker = await readMarker(store, signal);
    // With settings that lead to another bucket every copy would look missing, and all would be forgotten.
    if (marker === undefined || (known.marker !== null && known.marker !== marker)) {
      return { ...NOTHING, leftOut: known.copies === 0 ? null : "another destination" };
    }
    if (known.copies > limits.copies) return { ...NOTHING, leftOut: "too many" };
    const isLost = known.copies === 0;
    if (isLost) {
      const named = await readNamedCopies(session, store, project, limits.manifestBytes, signal);
      if (named !== "read") return { ...NOTHING, leftOut: named === "too large" ? "too many" : null };
    }
    const compared = await listCopies(session, store, signal);
    const rebuilt = isLost ? await count(session, "select lifeboat.rebuild_copies($1) as count", marker, signal) : 0;
    const forgotten = await count(session, "select lifeboat.forget_unlisted_copies($1) as count", known.now, signal);
    return { rebuilt, forgotten, leftOut: null, compared };
  } finally {
    await session.close();
  }
}

/**
 * Recovers lost records as `reconcileCopies` does, and does nothing where there are records. A media run calls this
 * first, because without records it would copy every file again.
 */
export async function recallCopies(
  dependencies: CopiesDependencies,
  project: string,
  limits: CopiesLimits,
  signal?: AbortSignal,
): Promise<CopiesReport> {
  const session = await dependencies.database.connect({ applicationName: "lifeboat copies" }, signal);
  try {
    if ((await readKnown(session, signal)).copies > 0) return NOTHING;
  } finally {
    await session.close();
  }
  return await reconcileCopies(dependencies, project, limits, signal);
}

/**
 * The bucket's marker. A marker that Lifeboat did not write counts as none here; `claimOwnership` and verify report it.
 */
async function readMarker(store: ObjectStore, signal?: AbortSignal): Promise<string | undefined> {
  try {
    return await presentMarker(store, signal);
  } catch (error) {
    if (hasCode(error, "marker_unreadable")) return undefined;
    throw error;
  }
}

async function readKnown(session: Session, signal?: AbortSignal) {
  const [{ copies, marker, now }] = await session.query<{ copies: string; marker: string | null; now: string }>(
    `select (select count(*) from lifeboat.media_objects) as copies,
       (select marker from lifeboat.media_destination) as marker, clock_timestamp()::text as now`,
    undefined,
    signal,
  );
  return { copies: Number(copies), marker, now };
}

async function count(session: Session, call: string, param: string, signal?: AbortSignal): Promise<number> {
  const [row] = await session.query<{ count: string }>(call, [param], signal);
  return Number(row.count);
}
