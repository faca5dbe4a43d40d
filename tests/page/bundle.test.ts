import { match, ok, strictEqual } from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { buildPage } from "./page_stage.ts";

/** gzipped, of everything that the first view loads. */
const mostBytes = 350 * 1024;

interface Chunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly imports?: string[];
  readonly css?: string[];
}

/** The page as it is deployed; removed after `test`. */
async function withBuild(
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "lifeboat-build-" });
  try {
    await buildPage(folder);
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the first view is below 350 KiB gzipped, and charts, details and guide are not part of it", () =>
  withBuild(async (folder) => {
    const chunks: Record<string, Chunk> = JSON.parse(
      await Deno.readTextFile(`${folder}/manifest.json`),
    );
    const files = new Set(["index.html"]);
    const add = (name: string) => {
      const { file, imports = [], css = [] } = chunks[name];
      if (files.has(file)) return;
      [file, ...css].forEach((one) => files.add(one));
      imports.forEach(add);
    };
    Object.keys(chunks).filter((name) => chunks[name].isEntry).forEach(add);
    let total = 0;
    for (const file of files) {
      total += gzipSync(await Deno.readFile(`${folder}/${file}`)).length;
    }
    ok(total < mostBytes, `${total} bytes in ${[...files].join(", ")}`);
    ok(total > 50 * 1024, `${total} bytes cannot be the whole page`);
    for (const later of ["trend-charts", "run-page", "guide-page"]) {
      strictEqual([...files].some((file) => file.includes(later)), false);
    }
  }));

Deno.test("a build holds the recovery guide, and nothing of the machine that built it", () =>
  withBuild(async (folder) => {
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
  }));
