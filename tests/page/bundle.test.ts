import { match, ok, strictEqual } from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { buildPage } from "./page_stage.ts";

/** Greatest gzipped size of everything that the first view loads. */
const MOST_BYTES = 350_000;

interface Chunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly imports?: string[];
  readonly css?: string[];
}

Deno.test("the page as it is deployed", async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "lifeboat-build-" });
  try {
    await buildPage(folder);
    await t.step(
      "the first view is below 350 kB gzipped, and charts, details and guide are not part of it",
      async () => {
        const files = await firstView(folder);
        let total = 0;
        for (const file of files) total += gzipSync(await Deno.readFile(`${folder}/${file}`)).length;
        console.log(`first view: ${(total / 1_000).toFixed(1)} kB gzipped in ${files.size} files`);
        ok(total < MOST_BYTES, `${total} bytes in ${[...files].join(", ")}`);
        ok(total > 50_000, `${total} bytes cannot be the whole page`);
        for (const later of ["trend-charts", "run-page", "guide-page"]) {
          strictEqual([...files].some((file) => file.includes(later)), false);
        }
      },
    );
    await t.step("it holds the recovery guide, and nothing of the machine that built it", async () => {
      match(await Deno.readTextFile(`${folder}/DISASTER_RECOVERY.md`), /^# /m);
      strictEqual(
        await Deno.readTextFile(`${folder}/404.html`),
        await Deno.readTextFile(`${folder}/index.html`),
      );
      for await (const { name } of Deno.readDir(`${folder}/assets`)) {
        const text = await Deno.readTextFile(`${folder}/assets/${name}`);
        for (const secret of ["sb_secret_", "service_role", Deno.cwd()]) {
          ok(!text.includes(secret), `${secret} in ${name}`);
        }
      }
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** The files that the browser loads for the first view, taken from Vite's own list. */
async function firstView(folder: string): Promise<Set<string>> {
  const chunks: Record<string, Chunk> = JSON.parse(await Deno.readTextFile(`${folder}/manifest.json`));
  const files = new Set(["index.html"]);
  const add = (name: string) => {
    const { file, imports = [], css = [] } = chunks[name];
    if (files.has(file)) return;
    [file, ...css].forEach((one) => files.add(one));
    imports.forEach(add);
  };
  Object.keys(chunks).filter((name) => chunks[name].isEntry).forEach(add);
  return files;
}
