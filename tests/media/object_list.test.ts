import assert from "node:assert/strict";
import { withClient } from "../../local/with_client.ts";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import { listMediaObjects } from "../../supabase/functions/_shared/engine/media/object_list.ts";
import { point } from "./plain_run.ts";
import { MediaProject } from "./project.ts";

Deno.test("twenty thousand folders are listed, where Storage's own listing breaks at 9,224", async () => {
  await using project = await MediaProject.start();
  await project.bucket("deep");
  await project.sql(
    `insert into storage.objects (bucket_id, name, version, metadata)
     select 'deep', 'folder ' || g || '/file', gen_random_uuid(), '{"eTag": "\\"x\\"", "size": 3, "mimetype": "text/plain"}'
     from generate_series(1, 20000) g`,
  );
  const session = await createPostgresDatabase({ url: project.databaseUrl }).connect({ applicationName: "test" });
  try {
    await session.query("begin");
    const list = await listMediaObjects(session, { recoveryPoint: point(1) });
    assert.deepEqual(list, { objects: 20_000, bytes: 60_000, ledger: [] });
    const [{ folders }] = await session.query<{ folders: string }>(
      "select count(distinct split_part(name, '/', 1)) as folders from lifeboat.media_items",
    );
    assert.equal(folders, "20000");
    await session.query("rollback");
  } finally {
    await session.close();
  }
});

Deno.test("a Storage table that is emptied or rewritten after the snapshot is an error, not an empty list", async () => {
  await using project = await MediaProject.start();
  await project.bucket("photos");
  await project.upload("photos", "one", "1");
  const database = createPostgresDatabase({ url: project.databaseUrl });
  for (const change of ["alter table storage.objects alter column created_at type text", "truncate storage.objects"]) {
    const session = await database.connect({ applicationName: "test" });
    try {
      await session.query("begin isolation level repeatable read");
      await session.query("select 1 from storage.buckets");
      await withClient(project.superuserUrl, (client) => client.query(change));
      await assert.rejects(listMediaObjects(session, { recoveryPoint: point(1) }), { code: "object_list_unstable" });
    } finally {
      await session.close();
    }
  }
});

Deno.test("a project without Storage's tables is told so instead of being listed as empty", async () => {
  await using project = await MediaProject.start();
  await withClient(project.superuserUrl, (client) => client.query("alter schema storage rename to elsewhere"));
  const session = await createPostgresDatabase({ url: project.databaseUrl }).connect({ applicationName: "test" });
  try {
    await assert.rejects(listMediaObjects(session, { recoveryPoint: point(1) }), { code: "storage_absent" });
  } finally {
    await session.close();
  }
});
