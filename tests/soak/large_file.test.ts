import { createCipheriv, createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { ok, strictEqual } from "node:assert/strict";
import { withClient } from "../../local/with_client.ts";
import { wasKilled } from "../../local/worker_record.ts";
import { readStoredManifest } from "../media/stored.ts";
import { storeOn } from "../support/s3_server.ts";
import { versitygwIsMissing } from "../support/versitygw.ts";
import { startMediaStage } from "./media_stage.ts";

const without = await versitygwIsMissing();
const gigabytes = Number(Deno.env.get("LIFEBOAT_SOAK_GIGABYTES") ?? 5);
const BLOCK_BYTES = 64_000_000;

Deno.test({
  name: `a file of ${gigabytes} GB is copied by many invocations within the hosted limits, and is equal` +
    (without ? `: ${without}` : ""),
  ignore: without !== undefined,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using stage = await startMediaStage();
    const { s3, stack, dataDir } = stage;
    await stage.createBucket("videos");
    await stage.upload("videos/long.mp4", "short", "video/mp4");
    const { bytes, sha256 } = await lengthen(join(dataDir, "objects"));
    await withClient(stack.superuserUrl, (client) =>
      client.query(
        `update storage.objects set metadata = metadata || jsonb_build_object('size', $1::int8, 'contentLength', $1::int8)`,
        [bytes],
      ));

    const { row, seconds } = await stage.backUpMedia();
    strictEqual(row.status, "success", `${row.error_code}: ${row.error_message}`);
    strictEqual(Number(row.bytes), bytes);
    const { objects: [object] } = await readStoredManifest(
      storeOn(s3),
      row.recovery_point as string,
      row.project as string,
    );
    strictEqual(object.sha256, sha256);
    const sum = createHash("sha256");
    for await (const block of (await storeOn(s3).get(object.s3Key)).body) sum.update(block);
    strictEqual(sum.digest("hex"), sha256);

    const own = await stage.workers();
    const invocations = own.flatMap(({ invocations }) => invocations).filter(({ status }) => status === 202);
    const most = Math.max(...invocations.map(({ cpuMs }) => cpuMs)) / 1000;
    const cpuMs = own.reduce((total, worker) => total + worker.cpuMs, 0);
    const peakMb = Math.round(Math.max(...own.map(({ peakBytes }) => peakBytes)) / 1e6);
    console.log(
      `      ${seconds.toFixed(0)} s, ${invocations.length} invocations in ${own.length} workers, ` +
        `${(cpuMs / bytes * 1024 * 1024).toFixed(1)} ms of CPU per MiB, at most ${
          most.toFixed(2)
        } s an invocation and ` +
        `${peakMb} MB above a bare worker`,
    );
    ok(!own.some(wasKilled));
    ok(invocations.length > 1 && most < 1);
    ok(peakMb < 180, `${peakMb} MB`);
  },
});

/** Lengthens the one object in Storage's own folder, because no request may have a body of this size. */
async function lengthen(folder: string): Promise<{ bytes: number; sha256: string }> {
  const [name] = (await Array.fromAsync(Deno.readDir(folder))).map((entry) => entry.name).filter((name) =>
    !name.endsWith(".json")
  );
  const path = join(folder, name);
  const noise = createCipheriv("aes-256-ctr", new Uint8Array(32), new Uint8Array(16));
  using file = await Deno.open(path, { append: true });
  for (let left = gigabytes * 1e9; left > 0; left -= BLOCK_BYTES) {
    const block = noise.update(new Uint8Array(Math.min(BLOCK_BYTES, left)));
    for (let written = 0; written < block.length;) written += await file.write(block.subarray(written));
  }
  const sum = createHash("sha256");
  for await (const block of createReadStream(path, { highWaterMark: 1024 * 1024 })) sum.update(block);
  return { bytes: (await Deno.stat(path)).size, sha256: sum.digest("hex") };
}
