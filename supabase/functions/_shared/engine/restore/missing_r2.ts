import { hasCode } from "../errors.ts";
import { formatUnknown } from "../format/manifest.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { readText } from "../store/read_text.ts";
import { backupDamaged } from "./backup_damaged.ts";
import { eachAtOnce } from "../each_at_once.ts";
import { readPointMedia } from "./media_scope.ts";
import type { PointReference } from "../points/find_point.ts";
import type { PointReader } from "../points/read_members.ts";

/** A file in R2 that the database names, with everything needed to upload it again. */
export interface R2File {
  readonly path: string | null;
  readonly url: string | null;
  /** In bytes; null when the database does not know the size. */
  readonly size: number | null;
  readonly table: string;
  /** Key columns of the row that names the file. */
  readonly row: Readonly<Record<string, unknown>>;
  /** `unchecked` without access to R2, and for files whose key in R2 is not known. */
  readonly state: "missing" | "size differs" | "unchecked";
}

const REQUESTS_AT_ONCE = 8;

/**
 * Lists the files of the point's R2 inventory to upload again, since no backup has their bytes. With `r2`, files that
 * exist there are left out. Empty when the point has no inventory. Throws `backup_damaged` and the stores' errors.
 */
export async function listMissingR2(
  reader: Pick<PointReader, "store" | "checksums">,
  point: PointReference,
  r2?: ObjectStore,
  signal?: AbortSignal,
): Promise<R2File[]> {
  const { r2Key } = await readPointMedia(reader, point, { point: point.point }, signal);
  if (r2Key === null) return [];
  const found: R2File[] = [];
  await eachAtOnce(parseItems(await readText(reader.store, r2Key, signal), r2Key), REQUESTS_AT_ONCE, async (item) => {
    const state = await stateOf(item, r2, signal);
    if (state !== "present") found.push({ ...item, state });
  });
  return found.sort((a, b) => (a.path ?? a.url ?? "") < (b.path ?? b.url ?? "") ? -1 : 1);
}

type Item = Omit<R2File, "state">;

async function stateOf(item: Item, r2?: ObjectStore, signal?: AbortSignal): Promise<R2File["state"] | "present"> {
  if (!r2 || item.path === null) return "unchecked";
  try {
    const { sizeBytes } = await r2.head(item.path, undefined, signal);
    return item.size === null || item.size === sizeBytes ? "present" : "size differs";
  } catch (error) {
    if (hasCode(error, "object_missing")) return "missing";
    throw error;
  }
}

function parseItems(text: string, key: string): Item[] {
  let inventory: { format?: unknown; formatVersion?: unknown; items?: unknown };
  try {
    inventory = JSON.parse(text);
  } catch (cause) {
    throw backupDamaged(key, `${key} is not JSON`, cause);
  }
  if (inventory?.format !== "lifeboat-r2-inventory") throw backupDamaged(key, `${key} is no inventory of R2`);
  if (inventory.formatVersion !== 1) throw formatUnknown(key, inventory.formatVersion);
  if (!Array.isArray(inventory.items)) throw backupDamaged(key, `${key} has no list of files`);
  return inventory.items;
}
