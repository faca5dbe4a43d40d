import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { parse } from "smol-toml";
import { buildFunctions, functionNames, stopBuilding } from "../../scripts/function_bundles.ts";
import { eventually } from "../support/eventually.ts";
import { LiveProject } from "../support/live_project.ts";

Deno.test({
  name: "functions built into one file each back up, copy files and verify like those from source",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "lifeboat-built-" });
    try {
      const supabase = pathToFileURL(`${folder}/supabase/`);
      await buildFunctions(supabase);
      await stopBuilding();
      const config = parse(await Deno.readTextFile(new URL("config.toml", supabase))) as {
        functions: Record<string, { verify_jwt: boolean; entrypoint: string }>;
      };
      for (const name of await functionNames()) {
        const { verify_jwt, entrypoint } = config.functions[name];
        const code = await Deno.readTextFile(new URL(entrypoint, supabase));
        const { sources } = JSON.parse(await Deno.readTextFile(new URL(`${entrypoint}.map`, supabase)));
        strictEqual(verify_jwt, false);
        match(code.slice(-60), /\/\/# sourceMappingURL=index\.js\.map\s*$/);
        ok(sources.some((source: string) => source.endsWith(`/${name}/index.ts`)));
        // Everything is in the file but what the platform has.
        const imported = [...code.matchAll(/(?:^|[;}])import(?:[^"'();]*from)?\s*["']([^"']+)["']/g)].map(([, from]) =>
          from
        );
        deepStrictEqual(imported.filter((from) => !from.startsWith("node:")), []);
      }
      await using project = await LiveProject.start({ functionsDir: `${folder}/supabase/functions` });
      const { database, media } = await project.backUp();
      deepStrictEqual([database.status, media.status], ["success", "success"]);
      const { body: { runId } } = await project.call("backup-admin", {
        action: "verify",
        runId: database.id,
        coverage: "deep",
      });
      const verify = await eventually("the verify has ended", async () => {
        const row = await project.run(runId);
        return row.status === "running" ? undefined : row;
      }, 120_000);
      strictEqual(verify.status, "success", JSON.stringify(verify));
      const round = await project.call("backup-maintenance");
      deepStrictEqual([round.status, round.body.problems], [200, []]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
