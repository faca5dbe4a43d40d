import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { mediaDetails } from "../../supabase/functions/_shared/contract/mod.ts";
import { backupMedia } from "../../supabase/functions/_shared/engine/media/backup_media.ts";
import { hasCode } from "../../supabase/functions/_shared/engine/errors.ts";
import { mediaManifestKey } from "../../supabase/functions/_shared/engine/format/keys.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { prefixedStore } from "../../supabase/functions/_shared/engine/store/prefixed_store.ts";
import { storeOn } from "../support/s3_server.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";
import { plainRun, point } from "./plain_run.ts";
import { MediaProject } from "./project.ts";
import { keysUnder, readStoredManifest, readStoredText } from "./stored.ts";

const settings = { project: "sample", partSizeBytes: 5 * 1024 * 1024 };
const key = "media-backups/photos/one";
const missing = await versitygwIsMissing();

/**
 * Somebody else writes to the same key at the worst moment. The foreign bytes have the length of ours, so that only the
 * condition of the request (`If-Match`) notices them.
 */
Deno.test({
  name: missing
    ? `what another process writes meanwhile is never lost: ${missing}`
    : "what another process writes meanwhile is never lost",
  ignore: missing !== undefined,
  async fn(test) {
    await using project = await MediaProject.start();
    await using server = await startVersitygw();
    let count = 0;

    function step(name: string, run: (store: ObjectStore) => Promise<void>) {
      return test.step(name, async () => {
        await project.reset();
        await project.upload("photos", "one", "first");
        await run(prefixedStore(storeOn(server), `case-${++count}/`));
      });
    }
    const backUp = (store: ObjectStore, day: number) =>
      backupMedia(project.dependencies(store), settings, plainRun(point(day)));

    await step("between the look at a key and its archiving: it does not take the archive key", async (store) => {
      await backUp(store, 1);
      const { objects: [object] } = await readStoredManifest(store, point(1));
      await project.upload("photos", "one", "newer");
      const { outcome } = await meddle(store, "copy", [1, 2, 3, 4], (meddled) => backUp(meddled, 2));
      const { skipped } = mediaDetails.parse(outcome.details);
      deepStrictEqual(skipped.map(({ code }) => code), ["archive_failed"]);
      ok(!(await keysUnder(store, "media-archive/")).includes(object.archiveKey));
    });

    await step("between archiving and writing: it is archived too", async (store) => {
      await backUp(store, 1);
      const { objects: [object] } = await readStoredManifest(store, point(1));
      await project.upload("photos", "one", "newer");
      const { outcome, written } = await meddle(store, "put", [1], (meddled) => backUp(meddled, 2));
      strictEqual(outcome.status, "success");
      strictEqual(await readStoredText(store, object.archiveKey), "first");
      strictEqual(await readStoredText(store, key), "newer");
      deepStrictEqual(await lost(store, written), []);
    });

    await step("a manifest that lies at the point's key already: it is not written over", async (store) => {
      const manifest = mediaManifestKey("sample", point(1));
      await store.put(manifest, new TextEncoder().encode("alien"), { contentType: "text/plain" });
      await rejects(backUp(store, 1), { code: "media_manifest_differs" });
      strictEqual(await readStoredText(store, manifest), "alien");
    });

    await step("while what was found at a key is archived: it is not written over", async (store) => {
      await store.put(key, new TextEncoder().encode("alien"), { contentType: "text/plain" });
      const { outcome, written } = await meddle(
        store,
        "put",
        [2],
        (meddled) => backUp(meddled, 1).catch((error) => error),
      );
      ok(hasCode(outcome, "store_precondition_failed"), String(outcome));
      strictEqual(written.length, 1);
      deepStrictEqual(await lost(store, [...written, "alien"]), []);
    });
  },
});

/** Writes foreign bytes to the key right before those of its requests that the caller names. */
async function meddle<Outcome>(
  store: ObjectStore,
  operation: "copy" | "put",
  times: readonly number[],
  run: (meddled: ObjectStore) => Promise<Outcome>,
): Promise<{ outcome: Outcome; written: string[] }> {
  const written: string[] = [];
  let asked = 0;
  const interfere = async (concerned: string) => {
    if (concerned !== key || !times.includes(++asked)) return;
    const text = `odd ${asked}`;
    written.push(text);
    // Another invocation would write its version with this metadata.
    const metadata = { "lifeboat-version": text };
    await store.put(key, new TextEncoder().encode(text), { contentType: "text/plain", metadata });
  };
  const outcome = await run({
    ...store,
    async copy(from, to, options, signal) {
      if (operation === "copy") await interfere(from);
      return await store.copy(from, to, options, signal);
    },
    async put(to, bytes, options, signal) {
      if (operation === "put") await interfere(to);
      return await store.put(to, bytes, options, signal);
    },
  });
  return { outcome, written };
}

/** The texts that lie neither at the key nor in the archive any more. */
async function lost(store: ObjectStore, texts: readonly string[]): Promise<string[]> {
  const keys = [key, ...await keysUnder(store, "media-archive/")];
  const found = await Promise.all(keys.map((key) => readStoredText(store, key)));
  return texts.filter((text) => !found.includes(text));
}
