import assert from "node:assert/strict";
import { build, stop } from "esbuild";

const root = new URL("../../", import.meta.url);

Deno.test({
  name: "no edge function carries the code of restore, which is the command line's",
  // esbuild keeps a child process running until it is stopped, which Deno would report as a leak.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const functions = [...Deno.readDirSync(new URL("supabase/functions/", root))]
      .filter(({ isDirectory, name }) => isDirectory && !name.startsWith("_"));
    assert.ok(functions.length >= 3);
    for (const { name } of functions) {
      const { metafile } = await build({
        entryPoints: [new URL(`supabase/functions/${name}/index.ts`, root).pathname],
        bundle: true,
        write: false,
        metafile: true,
        format: "esm",
        platform: "node",
        external: ["pg-native", "cloudflare:sockets"],
        logLevel: "error",
      });
      const carried = Object.values(metafile.outputs).flatMap(({ inputs }) =>
        Object.entries(inputs).filter(([path, { bytesInOutput }]) =>
          bytesInOutput > 0 && path.includes("_shared/engine/restore/")
        )
      );
      assert.deepEqual(carried, [], name);
    }
    await stop();
  },
});
