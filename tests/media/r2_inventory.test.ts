import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { mediaDetails } from "../../supabase/functions/_shared/contract/mod.ts";
import { r2InventoryKey } from "../../supabase/functions/_shared/engine/format/keys.ts";
import { backupMedia } from "../../supabase/functions/_shared/engine/media/backup_media.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { prefixedStore } from "../../supabase/functions/_shared/engine/store/prefixed_store.ts";
import { errorXml, FaultyProxy, type SeenRequest } from "../support/faulty_proxy.ts";
import { startS3rver, storeOn } from "../support/s3_server.ts";
import { plainRun, point } from "./plain_run.ts";
import { MediaProject } from "./project.ts";
import { readStoredManifest, readStoredText } from "./stored.ts";

const settings = { project: "sample" };
const media = "https://media.example.com";

Deno.test("R2 inventory", async (test) => {
  await using project = await MediaProject.start();
  await using server = await startS3rver();
  let count = 0;

  function step(name: string, run: (store: ObjectStore) => Promise<void>) {
    return test.step(name, async () => {
      await project.reset();
      await project.sql("drop table if exists public.content_library, public.booking_deliverables, public.odd");
      await run(prefixedStore(storeOn(server), `case-${++count}/`));
    });
  }

  async function inventory(store: ObjectStore, day = 1) {
    return JSON.parse(await readStoredText(store, r2InventoryKey("sample", point(day))));
  }

  async function tables(): Promise<void> {
    await project.sql(`create table public.content_library (id bigint primary key, title text, r2_key text,
      file_url text, file_size bigint)`);
    await project.sql(`insert into public.content_library values
      (9007199254740993, 'Film', 'videos/film.mp4', '${media}/videos/film.mp4', 1000),
      (2, 'Text only', null, null, null), (3, 'Empty', '', '', 5), (4, 'No size', '/videos/Ünï "q".mp4', null, null)`);
    await project.sql(`create table public.booking_deliverables (booking uuid, part int, video_url text, size text,
      primary key (booking, part))`);
    await project.sql(`insert into public.booking_deliverables values
      ('00000000-0000-0000-0000-000000000001', 1, '${media}/deliveries/a%20b.mp4?x=1', '250'),
      ('00000000-0000-0000-0000-000000000001', 2, 'deliveries/plain.mp4', 'unknown')`);
  }

  await step("lists path, URL, size, owning table and row, with totals, here and for people", async (store) => {
    await tables();
    const outcome = await backupMedia(project.dependencies(store), settings, plainRun(point(1)));
    strictEqual(outcome.status, "success");
    const document = await inventory(store);
    deepStrictEqual(document.items, [
      {
        path: "videos/film.mp4",
        url: `${media}/videos/film.mp4`,
        size: 1000,
        table: "public.content_library",
        row: { id: "9007199254740993" },
      },
      { path: 'videos/Ünï "q".mp4', url: null, size: null, table: "public.content_library", row: { id: "4" } },
      {
        path: "deliveries/a b.mp4",
        url: `${media}/deliveries/a%20b.mp4?x=1`,
        size: 250,
        table: "public.booking_deliverables",
        row: { booking: "00000000-0000-0000-0000-000000000001", part: "1" },
      },
      {
        path: "deliveries/plain.mp4",
        url: "deliveries/plain.mp4",
        size: null,
        table: "public.booking_deliverables",
        row: { booking: "00000000-0000-0000-0000-000000000001", part: "2" },
      },
    ]);
    deepStrictEqual(document.totals, { items: 4, bytes: 1250, withoutSize: 2 });
    deepStrictEqual(document.reconcile, { status: "not_configured" });
    deepStrictEqual(mediaDetails.parse(outcome.details).r2, {
      items: 4,
      bytes: 1250,
      sources: [
        { table: "public.content_library", status: "read", items: 2 },
        { table: "public.booking_deliverables", status: "read", items: 2 },
      ],
      reconcile: { status: "not_configured" },
    });
    deepStrictEqual(JSON.parse(await readStoredText(store, "media-backups/r2-inventory.json")), document);
    strictEqual((await readStoredManifest(store, point(1))).r2?.key, r2InventoryKey("sample", point(1)));
  });

  await step("a store that fails for a moment does not fail the run", async () => {
    await tables();
    await using proxy = new FaultyProxy(server.settings.endpoint);
    const isInventory = ({ method, target }: SeenRequest) => method === "PUT" && target.includes(".r2.json");
    proxy.arm({ kind: "answer", status: 503, body: errorXml("SlowDown") }, isInventory);
    const store = prefixedStore(storeOn(server, { endpoint: proxy.url }), "busy/");
    const outcome = await backupMedia(project.dependencies(store), settings, plainRun(point(1)));
    strictEqual(outcome.status, "success");
    strictEqual(proxy.seen.filter(isInventory).length, 2);
    strictEqual((await inventory(store)).items.length, 4);
  });

  await step("absent tables and columns are reported and fail nothing", async (store) => {
    await project.sql("create table public.content_library (id int primary key, title text)");
    const outcome = await backupMedia(project.dependencies(store), settings, plainRun(point(1)));
    strictEqual(outcome.status, "success");
    const { sources } = await inventory(store);
    deepStrictEqual(sources.map(({ table, status }: { table: string; status: string }) => [table, status]), [
      ["public.content_library", "absent"],
      ["public.booking_deliverables", "absent"],
    ]);
    ok(sources[0].reason.includes("column"));
    const named = await backupMedia(project.dependencies(store), {
      ...settings,
      r2Sources: [{ schema: "public", table: "content_library", pathColumn: "gone" }],
    }, plainRun(point(2)));
    strictEqual(named.status, "success");
    ok((await inventory(store, 2)).sources[0].reason.includes('"gone"'));
  });

  await step("names that try to leave their quotes stay names", async (store) => {
    await project.sql(
      `create table public."odd" ("i'd" int primary key, "pa""th'; drop table storage.objects; --" text)`,
    );
    await project.sql(`insert into public."odd" values (1, 'x.mp4')`);
    const r2Sources = [
      { schema: "public", table: "odd", pathColumn: `pa"th'; drop table storage.objects; --` },
      { schema: "public", table: `odd"; drop table storage.objects; --` },
    ];
    await backupMedia(project.dependencies(store), { ...settings, r2Sources }, plainRun(point(1)));
    const document = await inventory(store);
    deepStrictEqual(document.items, [{
      path: "x.mp4",
      url: null,
      size: null,
      table: "public.odd",
      row: { "i'd": "1" },
    }]);
    strictEqual(document.sources[1].status, "absent");
  });

  await step("a source that cannot be read makes the run partial and is in the ledger", async (store) => {
    await project.sql("create view public.broken as select 1 as id, (1 / (random() * 0)::int)::text as path");
    const r2Sources = [{ schema: "public", table: "broken" }];
    const outcome = await backupMedia(project.dependencies(store), { ...settings, r2Sources }, plainRun(point(1)));
    strictEqual(outcome.status, "partial");
    strictEqual(outcome.errorCode, "r2_source_unreadable");
    strictEqual((await readStoredManifest(store, point(1))).ledger[0].identity, "public.broken");
    await project.sql("drop view public.broken");
  });

  await step("compares with R2's own listing", async (store) => {
    await tables();
    const r2 = prefixedStore(storeOn(server), "r2-bucket/");
    const put = (key: string, size: number) => r2.put(key, new Uint8Array(size), { contentType: "video/mp4" });
    await put("videos/film.mp4", 999);
    await put("deliveries/a b.mp4", 250);
    await put("stray.mp4", 7);
    const outcome = await backupMedia({ ...project.dependencies(store), r2 }, settings, plainRun(point(1)));
    deepStrictEqual(mediaDetails.parse(outcome.details).r2?.reconcile, {
      status: "done",
      listed: 3,
      counts: { inDatabaseMissingInR2: 2, inR2UnknownToDatabase: 1, sizeMismatch: 1 },
    });
    const { reconcile } = await inventory(store);
    strictEqual(reconcile.status, "done");
    strictEqual(reconcile.listed, 3);
    deepStrictEqual(reconcile.inDatabaseMissingInR2.map((item: { path: string }) => item.path), [
      "deliveries/plain.mp4",
      'videos/Ünï "q".mp4',
    ]);
    deepStrictEqual(reconcile.inR2UnknownToDatabase, [{ path: "stray.mp4", size: 7 }]);
    deepStrictEqual(reconcile.sizeMismatch, [{
      path: "videos/film.mp4",
      databaseSize: 1000,
      r2Size: 999,
      table: "public.content_library",
      row: { id: "9007199254740993" },
    }]);
  });

  await step("a listing that fails leaves the inventory whole and is a warning", async (store) => {
    await tables();
    const r2 = storeOn(server, { accessKeyId: "WRONG" });
    const outcome = await backupMedia({ ...project.dependencies(store), r2 }, settings, plainRun(point(1)));
    strictEqual(outcome.status, "success");
    const { reconcile, items } = await inventory(store);
    strictEqual(items.length, 4);
    deepStrictEqual([reconcile.status, reconcile.code], ["failed", "store_refused"]);
    const details = mediaDetails.parse(outcome.details);
    ok(details.warnings[0].includes("R2"));
    strictEqual(details.r2?.reconcile.status, "failed");
  });

  await step("five thousand rows come through the cursor, each once", async (store) => {
    await project.sql("create table public.odd (id int primary key, path text, size int)");
    await project.sql("insert into public.odd select i, 'f/' || i, 2 from generate_series(1, 5000) i");
    const r2Sources = [{ schema: "public", table: "odd" }];
    await backupMedia(project.dependencies(store), { ...settings, r2Sources }, plainRun(point(1)));
    const { items, totals } = await inventory(store);
    strictEqual(new Set(items.map((item: { path: string }) => item.path)).size, 5000);
    deepStrictEqual(totals, { items: 5000, bytes: 10_000, withoutSize: 0 });
  });
});
