import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { nodeChecksums } from "../../supabase/functions/_shared/adapters/node/checksum.ts";
import { nodeGunzip } from "../../supabase/functions/_shared/adapters/node/gunzip.ts";
import { COMMAND_LINE_VERIFY } from "../../supabase/functions/_shared/compose/verify.ts";
import type { VerifyDetails } from "../../supabase/functions/_shared/contract/mod.ts";
import { runVerify } from "../../supabase/functions/_shared/engine/admin/run_verify.ts";
import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import { asLifeboatError } from "../../supabase/functions/_shared/engine/errors.ts";
import { dumpKey, manifestKey } from "../../supabase/functions/_shared/engine/format/keys.ts";
import { planRestore } from "../../supabase/functions/_shared/engine/restore/mod.ts";
import { startRun } from "../../supabase/functions/_shared/engine/run/run_store.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { missingTool } from "../recovery/guide_blocks.ts";
import { onServer, RestoreStage } from "../restore/stage.ts";
import { type RunProject, withProjects } from "../runs/harness.ts";
import { readObject } from "../support/bucket_contents.ts";
import { edited, EDITED_MANIFESTS } from "../support/edited_manifests.ts";
import { runSql, SHARED_SERVERS, stopServersAtTheEnd } from "../support/postgres.ts";
import { guidesPreData, loadFixture } from "./fixtures.ts";

const POINTS = ["first-version-postgres-15.20", "first-version-postgres-18"];

for (const name of POINTS) {
  Deno.test({
    ...SHARED_SERVERS,
    name: `${name}: verify and restore read it, and say the same of it in every way damaged${onServer}`,
    fn: (test) =>
      withProjects(test, {
        "read, damaged and restored": async (project) => {
          await using stage = await RestoreStage.start();
          const { point, manifest } = await loadFixture(stage.store, name);
          strictEqual(await verdictOfVerify(project, stage.store, point), "whole");
          const target = await stage.empty(18);
          strictEqual((await stage.restore(target, { point })).status, "success");
          const [{ books, labels, big }] = await runSql(
            target.superuserUrl,
            `select (select count(*)::int from public.books) as books,
              (select count(*)::int from public.books where label = upper(title)) as labels,
              (select string_agg(big::text, ' ' order by id) from public.authors) as big`,
          ) as Record<string, unknown>[];
          deepStrictEqual([books, labels, big], [20, 20, "9007199254740993 -1"]);
          const options = await runSql(
            target.superuserUrl,
            "select attoptions::text as o from pg_attribute where attrelid = 'public.authors'::regclass and attname = 'name'",
          ) as { o: string }[];
          deepStrictEqual(options, [{ o: "{n_distinct=5}" }], "the owner's option is back, the server's is not");

          const key = manifestKey("sample", point);
          const dump = dumpKey("sample", point);
          const bytes = await readObject(stage.store, dump);
          const put = (key: string, bytes: Uint8Array<ArrayBuffer>) =>
            stage.store.put(key, bytes, { contentType: "application/octet-stream" });
          const table = manifest.members.find(({ table }) => table !== null)!;
          const flipped = (place: number) => bytes.map((byte, index) => index === place ? byte ^ 1 : byte);
          const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
          const damages: Record<string, () => Promise<unknown>> = {
            "a bit of the head": () => put(dump, flipped(100)),
            "a bit of a table": () => put(dump, flipped(table.offset + 12)),
            "cut short": () => put(dump, bytes.slice(0, -50)),
            "no dump": () => stage.store.remove([dump]),
            "a manifest that is not JSON": () => put(key, new TextEncoder().encode("{")),
            "a manifest of another kind": () => put(key, text({ ...manifest, format: "other" })),
            "a manifest without members": () => put(key, text({ ...manifest, members: undefined })),
            ...Object.fromEntries(
              Object.entries(EDITED_MANIFESTS).filter(([name]) => !/two places|negative/.test(name)).map((
                [name, [edit]],
              ) => [name, () => put(key, text(edited(manifest, edit)))]),
            ),
          };
          for (const [what, damage] of Object.entries(damages)) {
            await damage();
            strictEqual(await verdictOfVerify(project, stage.store, point), "damaged", `verify: ${what}`);
            strictEqual(await verdictOfRestore(stage, point), "damaged", `restore: ${what}`);
            await put(dump, bytes);
            await put(key, text(manifest));
          }
        },
      }),
  });
}

const missing = await missingTool();
Deno.test({
  name: `the guide's own jq leaves the options of the server out of the point of 15.20${missing ? `: ${missing}` : ""}`,
  ignore: missing !== undefined,
  async fn() {
    const preData = await guidesPreData(POINTS[0]);
    ok(!preData.includes("pg_attver"), "no option of the server");
    ok(preData.includes("(n_distinct='5')"), "the owner's option");
  },
});

async function verdictOfVerify({ database }: RunProject, store: ObjectStore, point: string): Promise<string> {
  const run = await startRun({ database, clock: systemClock }, {
    kind: "verify",
    project: "sample",
    trigger: "api",
    recoveryPoint: point,
  });
  const dependencies = {
    ...{ database, store, checksums: nodeChecksums, decompressor: nodeGunzip, clock: systemClock },
    random: Math.random,
    notifier: { notifyDamaged: () => Promise.resolve({ status: "off" as const }) },
  };
  const row = await runVerify(dependencies, COMMAND_LINE_VERIFY, { coverage: "deep" }, run);
  const { damage } = row.details as unknown as VerifyDetails;
  if (row.status === "success") return "whole";
  return row.error_code === "backup_damaged" && damage.length > 0 ? "damaged" : `${row.error_code}`;
}

async function verdictOfRestore(stage: RestoreStage, point: string): Promise<string> {
  const target = await stage.empty(18);
  try {
    const dependencies = stage.dependencies(target);
    await planRestore(dependencies, { point, databaseOnly: true });
    await stage.restore(target, { point });
    return "whole";
  } catch (error) {
    const { code } = asLifeboatError(error);
    return ["backup_damaged", "manifest_damaged"].includes(code) ? "damaged" : code;
  }
}

stopServersAtTheEnd();
