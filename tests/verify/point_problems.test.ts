import { deepStrictEqual, rejects } from "node:assert/strict";
import { findPoint } from "../../supabase/functions/_shared/engine/points/find_point.ts";
import { describePoint } from "../../supabase/functions/_shared/engine/points/list_points.ts";
import { manifestKey } from "../../supabase/functions/_shared/engine/format/keys.ts";
import { startS3rver, storeOn } from "../support/s3_server.ts";

Deno.test("a point that lacks a file says which, and is not complete", async () => {
  await using server = await startS3rver();
  const problems = async (...files: ("dump" | "mediaManifest")[]) => {
    const point = { project: "sample", recoveryPoint: "2026-11-21T02-17-00Z", files: new Set(files) };
    const described = await describePoint(storeOn(server), point);
    return [described.complete, described.problems.map(({ code }) => code)];
  };
  deepStrictEqual(await problems("dump"), [false, ["manifest_absent"]]);
  deepStrictEqual(await problems(), [false, ["database_absent"]]);
});

Deno.test("the latest point of a bucket that holds several projects has to be named with its project", async () => {
  await using server = await startS3rver();
  const store = storeOn(server);
  const point = "2026-11-21T02-17-00Z";
  for (const project of ["sample", "other"]) {
    await store.put(manifestKey(project, point), new Uint8Array([1]), { contentType: "application/json" });
  }
  for (const wanted of ["latest", point]) {
    await rejects(findPoint(store, { point: wanted }), { code: "point_ambiguous" });
  }
  deepStrictEqual(await findPoint(store, { point: "latest", project: "other" }), { point, project: "other" });
});
