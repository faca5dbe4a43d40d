import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { type DumpManifest, dumpManifest } from "../../supabase/functions/_shared/contract/mod.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { readObject, sha256 } from "../support/bucket_contents.ts";
import { startS3rver, storeOn } from "../support/s3_server.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";

const missing = await versitygwIsMissing();
/** The addition to a test's name where it runs on s3rver, because versitygw is missing. */
export const onServer = missing ? ` (on s3rver: ${missing})` : "";

export async function withBucket(run: (store: ObjectStore) => Promise<void>): Promise<void> {
  await using server = missing ? await startS3rver() : await startVersitygw();
  await run(storeOn(server));
}

export async function manifestAt(store: ObjectStore, key: string): Promise<DumpManifest> {
  return dumpManifest.parse(JSON.parse(new TextDecoder().decode(await readObject(store, key))));
}

/** The figures of a dump's rows, which are the same however many invocations wrote it. */
export function figures({ tables }: DumpManifest) {
  return tables.filter(({ name }) => !name.startsWith("backup_")).map((
    table,
  ) => [table.name, table.rows, table.digest]);
}

/** Fails unless the file is one JSON document, the members make up all of its bytes, and its checksum is right. */
export async function assertWhole(store: ObjectStore, manifest: DumpManifest): Promise<void> {
  const bytes = await readObject(store, manifest.dump.key);
  deepStrictEqual([sha256(bytes), bytes.length], [manifest.dump.sha256, manifest.dump.sizeBytes]);
  const document = JSON.parse(gunzipSync(bytes).toString()) as { tables: Record<string, { rows: unknown[] }> };
  for (const table of manifest.tables.filter(({ schema }) => schema === "public")) {
    strictEqual(document.tables[table.name].rows.length, table.rows, table.name);
  }
  let end = 0;
  for (const member of manifest.members) {
    strictEqual(member.offset, end);
    const part = bytes.subarray(member.offset, end += member.length);
    strictEqual(sha256(part), member.sha256);
    strictEqual(gunzipSync(part).length, member.rawLength);
  }
  strictEqual(end, bytes.length);
}
