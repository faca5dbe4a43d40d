import { hasCode, LifeboatError } from "../errors.ts";
import { MARKER_KEY } from "../format/keys.ts";
import type { ObjectStore } from "./object_store.ts";
import { readText } from "./read_text.ts";

/** Who writes here. */
export interface Owner {
  readonly project: string;
  /** SUPABASE_URL: a restored clone has the same name and data as its origin, but another URL. */
  readonly projectUrl: string;
}

const FORMAT = "lifeboat-marker";

/**
 * Makes sure that this bucket (and prefix) is ours before anything is written: creates `lifeboat.json` where there is
 * none, otherwise compares it. Without it a restored clone would write over its origin's backups.
 *
 * Returns the marker's text, which tells this destination from any other: it holds the moment when it was made. Throws `owned_by_another_project` (conflict), `marker_unreadable` and the store's errors. May be repeated.
 */
export async function claimOwnership(
  store: ObjectStore,
  owner: Owner,
  now: Date,
  signal?: AbortSignal,
): Promise<string> {
  const found = await readMarker(store, signal);
  if (found) return assertOwner(found, owner);
  const marker = { format: FORMAT, formatVersion: 1, ...owner, createdAt: now.toISOString() };
  try {
    await putMarker(store, marker, true, signal);
  } catch (error) {
    if (!hasCode(error, "store_precondition_failed")) throw error;
  }
  // Read back: somebody else may have been first, and a store without conditional writes lets both succeed.
  return assertOwner(await readMarker(store, signal) ?? {}, owner);
}

/** The marker as `claimOwnership` returns it, whoever it names; undefined when the bucket says that there is none. */
export async function presentMarker(store: ObjectStore, signal?: AbortSignal): Promise<string | undefined> {
  const marker = await readMarker(store, signal);
  return marker && JSON.stringify(marker);
}

/** Makes this bucket ours whoever wrote here before. For a person who knows that the other project is gone. */
export async function adoptOwnership(store: ObjectStore, owner: Owner, now: Date, signal?: AbortSignal): Promise<void> {
  await putMarker(store, { format: FORMAT, formatVersion: 1, ...owner, createdAt: now.toISOString() }, false, signal);
}

async function putMarker(store: ObjectStore, marker: object, ifNoneMatch: boolean, signal?: AbortSignal) {
  const body = new TextEncoder().encode(JSON.stringify(marker, null, 2) + "\n");
  await store.put(MARKER_KEY, body, { contentType: "application/json", ifNoneMatch }, signal);
}

async function readMarker(store: ObjectStore, signal?: AbortSignal): Promise<Record<string, unknown> | undefined> {
  let text: string;
  try {
    text = await readText(store, MARKER_KEY, signal);
  } catch (error) {
    if (hasCode(error, "object_missing")) return undefined;
    throw error;
  }
  let marker: unknown;
  try {
    marker = JSON.parse(text);
  } catch (cause) {
    throw unreadable(cause);
  }
  if (typeof marker !== "object" || marker === null || (marker as { format?: unknown }).format !== FORMAT) {
    throw unreadable();
  }
  return marker as Record<string, unknown>;
}

function unreadable(cause?: unknown): LifeboatError {
  return new LifeboatError({
    code: "marker_unreadable",
    kind: "permanent",
    message: `The ownership marker ${MARKER_KEY} in the bucket is not one that Lifeboat wrote.`,
    hint: "If no other project uses this bucket and prefix, run `npm run lifeboat -- adopt`; else set S3_PREFIX.",
    operation: "ownership.claim",
    subject: MARKER_KEY,
    cause,
  });
}

function assertOwner(marker: Record<string, unknown>, owner: Owner): string {
  if (marker.project === owner.project && marker.projectUrl === owner.projectUrl) return JSON.stringify(marker);
  throw new LifeboatError({
    code: "owned_by_another_project",
    kind: "conflict",
    message: `This bucket holds the backups of project ${JSON.stringify(marker.project ?? "unknown")} at ` +
      `${JSON.stringify(marker.projectUrl ?? "unknown")}, so nothing was written.`,
    hint: "Set S3_PREFIX or another bucket. If this project takes the other's place, run `npm run lifeboat -- adopt`.",
    operation: "ownership.claim",
    subject: MARKER_KEY,
  });
}
