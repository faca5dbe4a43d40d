import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import type { Session } from "../../supabase/functions/_shared/engine/database.ts";
import type { CopyPlan, StoredCopy } from "../../supabase/functions/_shared/engine/media/copy/claimed_item.ts";
import { rememberDestination } from "../../supabase/functions/_shared/engine/media/destination.ts";
import { claimClosing, closePoint } from "../../supabase/functions/_shared/engine/media/media_point.ts";
import { createMediaQueue, type MediaQueue } from "../../supabase/functions/_shared/engine/media/media_queue.ts";
import { listMediaObjects } from "../../supabase/functions/_shared/engine/media/object_list.ts";
import { point } from "./plain_run.ts";
import { MediaProject } from "./project.ts";

const OWN = "00000000-0000-4000-8000-00000000000a";
const OTHER = "00000000-0000-4000-8000-00000000000b";
const HOLD_MS = 600_000;

const COPY: Omit<StoredCopy, "archived"> = {
  version: null,
  etag: "e",
  sizeBytes: 1,
  mimeType: "text/plain",
  s3Key: "media-backups/photos/one",
  s3ETag: "e",
  s3VersionId: null,
  archiveKey: "media-archive/photos/one",
  md5: null,
  sha256: "00",
};
const PLAN: CopyPlan = {
  key: COPY.s3Key,
  archiveKey: COPY.archiveKey,
  options: { contentType: "text/plain" },
  warning: null,
  mimeType: "text/plain",
  version: null,
  etag: null,
  isListedVersion: true,
  isAsListed: true,
  served: { etag: null, sizeBytes: 1 },
  pastCache: false,
};
const UPLOAD = { uploadId: "u", partBytes: 5, plan: PLAN, sha256State: "s" };

Deno.test("the queue of a point", async (test) => {
  await using project = await MediaProject.start();
  const session = await createPostgresDatabase({ url: project.databaseUrl }).connect({ applicationName: "test" });
  const step = (name: string, run: (own: MediaQueue, other: MediaQueue, session: Session) => Promise<void>) =>
    test.step(name, async () => {
      await project.reset();
      for (const path of ["one", "two"]) await project.upload("photos", path, path);
      await session.query("begin");
      await listMediaObjects(session, { recoveryPoint: point(1) });
      await session.query("commit");
      const queue = (invocation: string) => createMediaQueue(session, point(1), invocation, undefined, HOLD_MS);
      await run(queue(OWN), queue(OTHER), session);
    });
  try {
    await step("what one invocation has claimed no other claims", async (own, other) => {
      deepStrictEqual((await own.claim(1, 1_000)).map(({ path }) => path), ["one"]);
      deepStrictEqual((await other.claim(9, 1_000)).map(({ path }) => path), ["two"]);
      deepStrictEqual(await own.claim(9, 1_000), []);
    });

    await step("an invocation that lost an object can change nothing of it", async (own, other) => {
      const [item] = await own.claim(1, 1_000);
      await own.noteUpload(item, PLAN.key, UPLOAD);
      await own.notePart(item, { number: 1, etag: "p", sizeBytes: 5 }, "t");
      const before = await project.sql(
        "select i, p from lifeboat.media_items i left join lifeboat.media_parts p using (position)",
      );
      const lost = { code: "claim_lost" };
      await rejects(other.hold(item), lost);
      await rejects(other.begin(item), lost);
      await rejects(other.archived(item), lost);
      await rejects(other.forgetUpload(item), lost);
      await rejects(other.noteUpload(item, "elsewhere", UPLOAD), lost);
      await rejects(other.notePart(item, { number: 2, etag: "q", sizeBytes: 5 }, "t"), lost);
      await other.release([item]);
      const figures = await other.finish([{ item, copy: { stored: COPY } }]);
      deepStrictEqual([figures.filesDone, figures.filesTotal], [0, 2]);
      deepStrictEqual(
        await project.sql("select i, p from lifeboat.media_items i left join lifeboat.media_parts p using (position)"),
        before,
      );
      deepStrictEqual(await project.sql("select from lifeboat.media_objects"), []);
    });

    await step("an object that is claimed anew brings its upload and its parts along", async (own, other) => {
      const [item] = await own.claim(1, 1_000);
      await own.noteUpload(item, PLAN.key, UPLOAD);
      await own.notePart(item, { number: 1, etag: "p", sizeBytes: 5 }, "t");
      await own.release([item]);
      const [again] = await other.claim(1, 1_000);
      deepStrictEqual(again.upload, { ...UPLOAD, sha256State: "t", parts: [{ number: 1, etag: "p", sizeBytes: 5 }] });
      await other.finish([{ item: again, copy: { stored: COPY } }]);
      await own.takeOver();
      deepStrictEqual(await project.sql("select from lifeboat.media_parts"), []);
    });

    await step("a point is closed once its queue is empty, by the one who has the right", async (own, _, session) => {
      const items = await own.claim(9, 1_000);
      strictEqual(await claimClosing(session, point(1), OWN, HOLD_MS), false);
      await own.finish(items.map((item) => ({ item, skipped: { code: "object_vanished", reason: "-" } })));
      strictEqual(await claimClosing(session, point(1), OWN, HOLD_MS), true);
      strictEqual(await claimClosing(session, point(1), OTHER, HOLD_MS), false);
      const outcome = { status: "success", details: {} } as const;
      strictEqual(await closePoint(session, point(1), OTHER, outcome), false);
      strictEqual(await closePoint(session, point(1), OWN, outcome), true);
      strictEqual(await closePoint(session, point(1), OWN, outcome), false);
    });

    await step("what lies in one bucket counts as stored nowhere else", async (own) => {
      const database = createPostgresDatabase({ url: project.databaseUrl });
      await rememberDestination(database, "marker of the first");
      const [item] = await own.claim(1, 1_000);
      await own.finish([{ item, copy: { stored: COPY } }]);
      await rememberDestination(database, "marker of the first");
      strictEqual((await project.sql("select from lifeboat.media_objects")).length, 1);
      await rememberDestination(database, "marker of the second");
      deepStrictEqual(await project.sql("select from lifeboat.media_objects"), []);
      deepStrictEqual((await own.claim(9, 1_000)).map(({ path }) => path), ["one", "two"]);
    });

    await step("a copy that was stored after a listing began is not missed in it", async (own, _, session) => {
      const [{ now }] = await session.query<{ now: string }>("select clock_timestamp()::text as now");
      const [item] = await own.claim(1, 1_000);
      await own.finish([{ item, copy: { stored: COPY } }]);
      await session.query("create temp table lifeboat_listed (s3_key text, s3_etag text, size_bytes bigint)");
      const forget = async () => (await session.query("select lifeboat.forget_unlisted_copies($1) as count", [now]))[0];
      deepStrictEqual(await forget(), { count: "0" });
      await session.query("update lifeboat.media_objects set stored_at = stored_at - interval '1 hour'");
      deepStrictEqual(await forget(), { count: "1" });
    });
  } finally {
    await session.close();
  }
});
