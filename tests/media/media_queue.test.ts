import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import { createMediaQueue } from "../../supabase/functions/_shared/engine/media/media_queue.ts";
import { listMediaObjects } from "../../supabase/functions/_shared/engine/media/object_list.ts";
import { point } from "./plain_run.ts";
import { MediaProject } from "./project.ts";

Deno.test("what another invocation has claimed since is not ours to change", async () => {
  await using project = await MediaProject.start();
  await project.upload("photos", "one", "1");
  const session = await createPostgresDatabase({ url: project.databaseUrl }).connect({ applicationName: "test" });
  try {
    await session.query("begin");
    await listMediaObjects(session, { recoveryPoint: point(1) });
    await session.query("commit");
    const [stopped, successor] = [1, 2].map(() => createMediaQueue(session, point(1), crypto.randomUUID()));
    const [item] = await stopped.claim(1, 1_000);
    deepStrictEqual(await successor.claim(1, 1_000), []);
    await project.sql("update lifeboat.media_items set claimed_until = now() - interval '1 second'");
    strictEqual((await successor.claim(1, 1_000))[0].path, "one");

    const part = { number: 1, etag: '"e"', sizeBytes: 1 };
    const changes = {
      begin: () => stopped.begin(item),
      hold: () => stopped.hold(item),
      archived: () => stopped.archived(item),
      notePart: () => stopped.notePart(item, part, "state"),
      forgetUpload: () => stopped.forgetUpload(item),
    };
    for (const [name, change] of Object.entries(changes)) await rejects(change(), { code: "claim_lost" }, name);
    await stopped.release([item]);
    await stopped.finish([{ item, skipped: { code: "object_vanished", reason: "It is gone." } }]);
    deepStrictEqual(await stopped.claim(1, 1_000), []);
    deepStrictEqual(await project.sql("select skip_code, attempts from lifeboat.media_items"), [
      { skip_code: null, attempts: 1 },
    ]);
  } finally {
    await session.close();
  }
});
