import type { Stage } from "./stage.ts";

/** Deletes all copies and Lifeboat's bookkeeping of them, so that the next run is a first one. */
export async function deleteAllCopies(stage: Stage): Promise<void> {
  await stage.sql("truncate lifeboat.media_objects, lifeboat.media_items, lifeboat.media_points cascade");
  // The S3 server deletes them, because it keeps metadata beside each file.
  for (const prefix of ["media-backups/", "media-archive/"]) {
    const keys = (await Array.fromAsync(stage.store.list(prefix))).map(({ key }) => key);
    for (let start = 0; start < keys.length; start += 1_000) await stage.store.remove(keys.slice(start, start + 1_000));
  }
}

export async function emptyStorage(stage: Stage): Promise<void> {
  await stage.sql("truncate storage.objects; delete from storage.buckets");
  await stage.sql("insert into storage.buckets (id, name, public) values ('bench', 'bench', false)");
}

/** Name of an object; a folder holds a hundred. */
export function objectName(number: number): string {
  return `${String(Math.floor(number / 100)).padStart(5, "0")}/${String(number % 100).padStart(2, "0")}.bin`;
}
