import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { startS3rver, storeOn } from "../support/s3_server.ts";
import { pretendStored, runInChild } from "./growth_stage.ts";
import { point } from "./plain_run.ts";
import { MediaProject } from "./project.ts";
import { readStoredManifest } from "./stored.ts";

Deno.test({
  name: "unchanged files cost the function next to nothing: 20,000 take less than half a second of CPU more than none",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using project = await MediaProject.start();
    await using server = await startS3rver();
    const stepBytes = 24 * 1024 * 1024;
    await pretendStored(project, 1);
    const few = await runInChild(project, server, point(1), stepBytes);
    await pretendStored(project, 20_000);
    const many = await runInChild(project, server, point(2), stepBytes);
    // Several invocations share the run; each continues where the one before it has stopped.
    const inSteps = await runInChild(project, server, point(3), 1024 * 1024);
    ok(inSteps.cpuSeconds.length > 1, `${inSteps.cpuSeconds.length} invocations`);
    const [whole, joined] = await Promise.all([2, 3].map((day) => readStoredManifest(storeOn(server), point(day))));
    strictEqual(joined.objects.length, 20_000);
    deepStrictEqual(joined.objects, whole.objects);
    const seconds = many.cpuSeconds.reduce((sum, next) => sum + next) -
      few.cpuSeconds.reduce((sum, next) => sum + next);
    console.log(`      ${seconds.toFixed(2)} s of CPU, peak ${many.peakMb} MB (${few.peakMb} MB with one file)`);
    strictEqual(many.files, 20_000);
    strictEqual(many.bytes, 0);
    ok(seconds < 0.5, `${seconds} s`);
    ok(many.peakMb < few.peakMb + 60, `${many.peakMb} MB`);
    strictEqual(project.storage.asked.length, 0);
  },
});
