// Checks that each edge function, bundled with its packages, is below the 5 MB that the platform accepts when it
// bundles itself (https://supabase.com/docs/guides/functions/limits).
import { build, stop } from "esbuild";
import process from "node:process";

const limitBytes = 5 * 1000 * 1000;
const root = new URL("../", import.meta.url);
let tooLarge = 0;
for await (const entry of Deno.readDir(new URL("supabase/functions/", root))) {
  if (!entry.isDirectory || entry.name.startsWith("_")) continue;
  const { outputFiles } = await build({
    entryPoints: [new URL(`supabase/functions/${entry.name}/index.ts`, root).pathname],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    // pg asks for these and works without them.
    external: ["pg-native", "cloudflare:sockets"],
    logLevel: "error",
  });
  const bytes = outputFiles[0].contents.length;
  console.log(`${entry.name}: ${(bytes / 1e6).toFixed(2)} MB`);
  if (bytes > limitBytes) tooLarge++;
}
await stop();
process.exit(tooLarge === 0 ? 0 : 1);
