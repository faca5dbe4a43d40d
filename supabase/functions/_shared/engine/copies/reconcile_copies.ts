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

/** What the host can afford; above it the command line has to do it. */
export interface CopiesLimits {
  /** Files whose copies are compared with the listing. */
  readonly copies: number;
  /** Of a media manifest as it is stored. */
  readonly manifestBytes: number;
}

export interface CopiesReport {
  /** Copies that were remembered again from the newest media manifest. */
  readonly rebuilt: number;
  /** Copies that counted as stored and are not in the bucket (any more), or not as they were stored. */
  readonly forgotten: number;
  /** Why nothing was compared; null when it was, or when there is nothing to compare. */
  readonly leftOut: "too many" | "another destination" | null;
}

const nothing: CopiesReport = { rebuilt: 0, forgotten: 0, leftOut: null };

/**
 * Brings what Lifeboat believes to lie at the current keys in step with the bucket's own listing. What the listing lacks
 * is forgotten, so that the next media run stores it anew instead of naming it. Where nothing is remembered (the tables
 * were lost), the newest media manifest tells it again: only what the listing confirms by key, size and ETag.
 *
 * Nothing is changed unless the listing was read to its end. May be repeated, and run beside a media run: what that stores
 * meanwhile is left alone. Throws as store and database do, and `format_unknown`.
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
    // Settings that lead to another bucket must not make this one's copies be forgotten.
    if (marker === undefined || (known.marker !== null && known.marker !== marker)) {
      return { ...nothing, leftOut: known.copies === 0 ? null : "another destination" };
    }
    if (known.copies > limits.copies) return { ...nothing, leftOut: "too many" };
    const isLost = known.copies === 0;
    if (isLost) {
      const named = await readNamedCopies(session, store, project, limits.manifestBytes, signal);
      if (named !== "read") return { ...nothing, leftOut: named === "too large" ? "too many" : null };
    }
    await listCopies(session, store, signal);
    const rebuilt = isLost ? await count(session, "select lifeboat.rebuild_copies($1) as count", marker, signal) : 0;
    const forgotten = await count(session, "select lifeboat.forget_unlisted_copies($1) as count", known.now, signal);
    return { rebuilt, forgotten, leftOut: null };
  } finally {
    await session.close();
  }
}

/** The same, only where nothing is remembered: before a media run copies everything anew. */
export async function recallCopies(
  dependencies: CopiesDependencies,
  project: string,
  limits: CopiesLimits,
  signal?: AbortSignal,
): Promise<CopiesReport> {
  const session = await dependencies.database.connect({ applicationName: "lifeboat copies" }, signal);
  try {
    if ((await readKnown(session, signal)).copies > 0) return nothing;
  } finally {
    await session.close();
  }
  return await reconcileCopies(dependencies, project, limits, signal);
}

/** Whose a marker is that Lifeboat did not write is for others to judge. */
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
