import { build, type BuildOptions, type Plugin, stop } from "esbuild";
import { parse, stringify } from "smol-toml";

const root = new URL("../", import.meta.url);

/** Where `npm run build:functions` puts what `supabase functions deploy --workdir dist` deploys. */
export const builtSupabase = new URL("dist/supabase/", root);

export async function functionNames(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL("supabase/functions/", root))) {
    if (isDirectory && !name.startsWith("_")) names.push(name);
  }
  return names.sort();
}

function options(name: string): BuildOptions {
  return {
    entryPoints: [new URL(`supabase/functions/${name}/index.ts`, root).pathname],
    bundle: true,
    format: "esm",
    platform: "node",
    // The platform runs functions on Deno 2.1.4, which understands this and nothing much newer.
    target: "es2022",
    // pg asks for these and works without them.
    external: ["pg-native", "cloudflare:sockets"],
    logLevel: "error",
  };
}

/** Size of a function bundled with its packages, in bytes, as the platform bundles it from source. */
export async function bundledBytes(name: string): Promise<number> {
  const { outputFiles } = await build({ ...options(name), write: false });
  return outputFiles[0].contents.length;
}

/** Leaves zod's messages in fifty languages out of the file, a fifth of it: functions speak English only. */
const englishOnly: Plugin = {
  name: "english only",
  setup({ onResolve, resolve }) {
    onResolve(
      { filter: /locales\/index\.js$/ },
      ({ resolveDir, kind }) => resolve("../locales/en.js", { resolveDir, kind }),
    );
  },
};

/**
 * Writes each function as one minified file with its source map beside it, and a config.toml that names them. A worker
 * that loads one file starts with a fraction of the CPU of one that loads 300 (docs/PERFORMANCE.md). Packages that ask for
 * Node's modules by `require` get it from the banner.
 */
export async function buildFunctions(supabase: URL = builtSupabase): Promise<void> {
  const config = parse(await Deno.readTextFile(new URL("supabase/config.toml", root)));
  const functions = config.functions as Record<string, Record<string, unknown>>;
  for (const name of await functionNames()) {
    await build({
      ...options(name),
      outfile: new URL(`functions/${name}/index.js`, supabase).pathname,
      plugins: [englishOnly],
      inject: [new URL("node_globals.ts", import.meta.url).pathname],
      minify: true,
      // Names of classes and functions stand in logs.
      keepNames: true,
      sourcemap: "linked",
      banner: {
        js:
          'import{createRequire as __lifeboatRequire}from"node:module";const require=__lifeboatRequire(import.meta.url);',
      },
    });
    functions[name] = { ...functions[name], entrypoint: `./functions/${name}/index.js` };
  }
  await Deno.writeTextFile(new URL("config.toml", supabase), stringify(config));
}

export { stop as stopBuilding };
