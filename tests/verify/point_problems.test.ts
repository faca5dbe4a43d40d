import { deepStrictEqual } from "node:assert/strict";
import { describePoint } from "../../supabase/functions/_shared/engine/points/list_points.ts";
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
