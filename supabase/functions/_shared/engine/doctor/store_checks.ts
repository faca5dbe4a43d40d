import { hasCode } from "../errors.ts";
import { MARKER_KEY } from "../format/keys.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { claimOwnership, type Owner } from "../store/ownership.ts";
import { readText } from "../store/read_text.ts";
import { broken, examine, type Finding, ok, skipped, warning } from "./finding.ts";

/**
 * The key of the probe is always the same, so that where deleting is refused one object stays and not one for each day.
 */
const PROBE_KEY = "lifeboat-probe.txt";

/** Checks with a small object whether the bucket allows everything that a backup does. */
export async function checkStore(
  store: ObjectStore,
  owner: Owner | undefined,
  now: Date,
  signal?: AbortSignal,
): Promise<Finding[]> {
  return [
    ...await examine("store.owner", () => checkOwner(store, owner, now, signal), signal),
    ...await checkAccess(store, now, signal),
  ];
}

async function checkOwner(
  store: ObjectStore,
  owner: Owner | undefined,
  now: Date,
  signal?: AbortSignal,
): Promise<Finding> {
  const check = "store.owner";
  try {
    await store.head(MARKER_KEY, {}, signal);
  } catch (error) {
    if (hasCode(error, "object_missing")) return ok(check, "The bucket is not used by any project yet.");
    throw error;
  }
  if (!owner) return skipped(check, "Whose bucket it is can be checked with SUPABASE_URL only.");
  await claimOwnership(store, owner, now, signal);
  return ok(check, "The bucket belongs to this project.");
}

async function checkAccess(store: ObjectStore, now: Date, signal?: AbortSignal): Promise<Finding[]> {
  const text = `Written by Lifeboat's doctor at ${now.toISOString()}. It may be removed.\n`;
  const body = new TextEncoder().encode(text);
  const written = await examine("store.write", async () => {
    await store.put(PROBE_KEY, body, { contentType: "text/plain" }, signal);
    return ok("store.write", "Objects can be written.");
  }, signal);
  if (written.some(({ verdict }) => verdict !== "ok")) return [...written];
  return [
    ...written,
    ...await examine("store.read", async () => {
      if (await readText(store, PROBE_KEY, signal) === text) return ok("store.read", "They read back as written.");
      return broken(
        "store.read",
        "What was read is not what was written.",
        "Something between here and the bucket answers from a cache, or changes bytes. Do not trust this store.",
      );
    }, signal),
    ...await examine("store.list", async () => {
      for await (const { key } of store.list(PROBE_KEY, signal)) {
        if (key === PROBE_KEY) return ok("store.list", "The bucket can be listed.");
      }
      return broken(
        "store.list",
        "The listing does not show an object that was written before.",
        "Grant s3:ListBucket on the whole bucket; a store whose listings lag is not supported.",
      );
    }, signal),
    ...await examine("store.conditions", () => checkConditions(store, body, signal), signal),
    ...await examine("store.delete", () => checkRemoval(store, signal), signal),
  ];
}

async function checkConditions(
  store: ObjectStore,
  body: Uint8Array<ArrayBuffer>,
  signal?: AbortSignal,
): Promise<Finding> {
  const check = "store.conditions";
  const ignored: string[] = [];
  for (const [name, condition] of CONDITIONS) {
    try {
      await store.put(PROBE_KEY, body, { contentType: "text/plain", ...condition }, signal);
      ignored.push(name);
    } catch (error) {
      if (!hasCode(error, "store_precondition_failed")) throw error;
    }
  }
  if (ignored.length === 0) return ok(check, "Conditional writes are honoured.");
  return warning(
    check,
    `The store ignores ${
      ignored.join(" and ")
    }, so a second writer, or one that was stopped for a while, can write over what lies there.`,
    "Leases in the database guard against that too; give each project a bucket or S3_PREFIX of its own.",
  );
}

/** Conditions that must fail, since the probe already exists with another ETag. */
const CONDITIONS = [["If-None-Match", { ifNoneMatch: true }], ["If-Match", { ifMatch: "0".repeat(32) }]] as const;

async function checkRemoval(store: ObjectStore, signal?: AbortSignal): Promise<Finding> {
  const check = "store.delete";
  try {
    await store.remove([PROBE_KEY], signal);
    return ok(check, "Objects can be deleted, which retention needs.");
  } catch (error) {
    if (!hasCode(error, "store_refused")) throw error;
    return warning(
      check,
      `Deleting is refused: nobody can destroy backups with this key, but retention cannot work and ${PROBE_KEY} stays.`,
      "If that is intended, let lifecycle rules do the retention; else grant s3:DeleteObject.",
    );
  }
}
