import { match, ok } from "node:assert/strict";

const workflow = (name: string) => Deno.readTextFile(new URL(`../../.github/workflows/${name}`, import.meta.url));

Deno.test("backup.yml runs scripts/backup.sh daily at 03:00 UTC with the five secrets", async () => {
  const text = await workflow("backup.yml");
  match(text, /cron: "0 3 \* \* \*"/);
  match(text, /run: bash scripts\/backup\.sh/);
  for (const name of ["SUPABASE_DB_URL", "AWS_S3_BUCKET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"]) {
    ok(text.includes(`${name}: \${{ secrets.${name} }}`), name);
  }
});

Deno.test("no text that others can write becomes part of a workflow's script", async () => {
  for (const name of ["backup.yml", "lifeboat.yml"]) {
    for (const [script] of (await workflow(name)).matchAll(/^ *run: (?:\|\n(?: {10}.*\n)+|.*\n)/gm)) {
      ok(!script.includes("${{"), script);
    }
  }
});
