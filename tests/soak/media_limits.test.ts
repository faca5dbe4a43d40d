import { ok, strictEqual } from "node:assert/strict";
import { wasKilled } from "../../local/worker_record.ts";
import { versitygwIsMissing } from "../support/versitygw.ts";
import { startMediaStage } from "./media_stage.ts";

const without = await versitygwIsMissing();
/** Number of files. 100,000 take about an hour, most of it for the uploads into the local Storage server. */
const files = Number(Deno.env.get("LIFEBOAT_SOAK_FILES") ?? 3_000);
const FILMS = 4;
const FILM_BYTES = 20_000_000;

Deno.test({
  name: `${files} small files and ${FILMS} large ones are copied within the hosted limits, and then linked` +
    (without ? `: ${without}` : ""),
  ignore: without !== undefined,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using stage = await startMediaStage();
    await stage.createBucket("photos");
    const upload = (name: string, bytes: Uint8Array<ArrayBuffer>) =>
      stage.upload(`photos/${name}`, bytes, "image/jpeg");
    let next = 0;
    const uploader = async () => {
      for (let i = next++; i < files; i = next++) {
        await upload(`small/${i}.jpg`, crypto.getRandomValues(new Uint8Array(20_000)));
      }
    };
    await Promise.all(Array.from({ length: 8 }, uploader));
    for (let i = 0; i < FILMS; i++) {
      await upload(`large/${i}.mp4`, new Uint8Array(FILM_BYTES).map((_, at) => i + at * 7 + (at >> 9)));
    }

    let known = 0;
    for (const round of ["first", "unchanged"]) {
      const { row, seconds } = await stage.backUpMedia();
      strictEqual(row.status, "success", `${row.error_code}: ${row.error_message}`);
      strictEqual(Number(row.files), files + FILMS);
      strictEqual(Number(row.bytes), round === "first" ? files * 20_000 + FILMS * FILM_BYTES : 0);
      const own = await stage.workers();
      const cpuMs = own.reduce((sum, worker) => sum + worker.cpuMs, 0);
      const joined = own.flatMap(({ invocations }) => invocations).filter(({ status }) => status === 202).length;
      const most = Math.max(...own.map((worker) => worker.cpuMs));
      const peakMb = Math.round(Math.max(...own.map(({ peakBytes }) => peakBytes)) / 1e6);
      console.log(
        `      ${round}: ${seconds.toFixed(0)} s, ${((cpuMs - known) / 1000).toFixed(1)} s of CPU; so far ` +
          `${joined} invocations in ${own.length} workers, of which none took more than ${
            (most / 1000).toFixed(2)
          } s ` +
          `and ${peakMb} MB above a bare one`,
      );
      known = cpuMs;
      ok(!own.some(wasKilled));
      ok(peakMb < 180, `${peakMb} MB`);
    }
  },
});
