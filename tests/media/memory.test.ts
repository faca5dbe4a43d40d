import { ok, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { startS3rver } from "../support/s3_server.ts";
import { MediaProject } from "./project.ts";

const MEBIBYTE = 1024 * 1024;
/** Edge functions have 256 MB and run on Deno 2.1. Later releases keep more garbage, and have no such limit. */
const limitMb = Deno.version.deno.startsWith("2.1.") ? 200 : 320;

Deno.test({
  name: "memory stays within an edge function's with a 200 MB object and sixty of 7 MB beside it",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using project = await MediaProject.start();
    await using server = await startS3rver();
    const block = crypto.getRandomValues(new Uint8Array(65_536));
    async function repeated(name: string, times: number): Promise<void> {
      const hash = createHash("md5");
      for (let i = 0; i < times; i++) hash.update(block);
      const etag = hash.digest("hex");
      project.storage.putRepeated(`videos/${name}`, block, times, etag);
      await project.list("videos", name, { etag, size: block.length * times, contentType: "video/mp4" });
    }
    await repeated("large", 200 * MEBIBYTE / block.length);
    for (let i = 0; i < 60; i++) await repeated(`middling ${i}`, 7 * MEBIBYTE / block.length);

    const settings = { databaseUrl: project.databaseUrl, supabaseUrl: project.storage.url, s3: server.settings };
    const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-check", "-A", "--v8-flags=--max-old-space-size=200"],
        fileURLToPath(new URL("memory_child.ts", import.meta.url)),
        JSON.stringify(settings),
      ],
    }).output();
    ok(success, new TextDecoder().decode(stderr));
    const { status, files, peakMb, cpuSeconds } = JSON.parse(new TextDecoder().decode(stdout));
    console.log(`      peak ${peakMb} MB, ${cpuSeconds} s of CPU for 620 MiB on Deno ${Deno.version.deno}`);
    strictEqual(status, "success");
    strictEqual(files, 61);
    ok(peakMb < limitMb, `${peakMb} MB`);
  },
});
