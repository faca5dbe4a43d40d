import type { DumpManifest } from "../../supabase/functions/_shared/contract/mod.ts";
import { parsePointKey } from "../../supabase/functions/_shared/engine/format/keys.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { readGuideBlocks, run } from "../recovery/guide_blocks.ts";

const points = new URL("../fixtures/points/", import.meta.url);

export interface Fixture {
  readonly point: string;
  readonly manifest: DumpManifest;
}

/** Loads a bucket that a released version of Lifeboat wrote into a store. */
export async function loadFixture(store: ObjectStore, name: string): Promise<Fixture> {
  const root = new URL(`${name}/`, points);
  let fixture: Fixture | undefined;
  for await (const path of filesBelow(root)) {
    const bytes = await Deno.readFile(new URL(path, root));
    await store.put(path, bytes, { contentType: "application/octet-stream" });
    const file = parsePointKey(path);
    if (file?.file === "manifest") {
      fixture = { point: file.point, manifest: JSON.parse(new TextDecoder().decode(bytes)) };
    }
  }
  return fixture!;
}

/** The `pre-data` statements of a fixture, as the recovery guide's commands extract them. */
export async function guidesPreData(name: string): Promise<string> {
  const root = new URL(`${name}/backups/`, points);
  const folder = await Deno.makeTempDir({ prefix: "lifeboat-guide-" });
  try {
    for await (const { name: file } of Deno.readDir(root)) {
      const ending = /\.(manifest\.json|media\.json\.gz|r2\.json|json\.gz)$/.exec(file)![1];
      const copy = ending === "json.gz" ? "dump.json.gz" : ending;
      await Deno.copyFile(new URL(file, root), `${folder}/${copy}`);
    }
    const { text } = (await readGuideBlocks()).find((block) => block.route === "database")!;
    await run("bash", ["-euo", "pipefail", "-c", text], { folder, env: {} });
    return await Deno.readTextFile(`${folder}/pre-data.sql`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function* filesBelow(folder: URL, path = ""): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(path, folder))) {
    if (isDirectory) yield* filesBelow(folder, `${path}${name}/`);
    else yield `${path}${name}`;
  }
}
