import { deepStrictEqual } from "node:assert/strict";

const source = new URL("../../src/", import.meta.url);

async function* sourceFiles(folder: URL): AsyncGenerator<URL> {
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isDirectory) {
      yield* sourceFiles(new URL(`${entry.name}/`, folder));
    } else yield new URL(entry.name, folder);
  }
}

/** The layers of the page, the upper first. A layer may import from those below it. */
const LAYERS = ["app", "features", "components", "lib"];

Deno.test("features do not import one another, and nothing imports what stands above it", async () => {
  const wrong: string[] = [];
  for await (const file of sourceFiles(source)) {
    const path = file.href.slice(source.href.length);
    const [layer, feature] = path.split("/");
    const text = await Deno.readTextFile(file);
    for (
      const [, specifier] of text.matchAll(
        /\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g,
      )
    ) {
      const target = new URL(specifier, file).href;
      if (!target.startsWith(source.href)) continue;
      const [targetLayer, targetFeature] = target.slice(source.href.length)
        .split("/");
      const upwards = LAYERS.indexOf(targetLayer) < LAYERS.indexOf(layer);
      const sideways = layer === "features" && targetLayer === "features" &&
        targetFeature !== feature;
      if (upwards || sideways) wrong.push(`${path} imports ${specifier}`);
    }
  }
  deepStrictEqual(wrong, []);
});

Deno.test("files of the page are named in kebab-case", async () => {
  const wrong: string[] = [];
  for await (const file of sourceFiles(source)) {
    const name = file.pathname.slice(file.pathname.lastIndexOf("/") + 1);
    if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.d)?\.(tsx?|css)$/.test(name)) {
      wrong.push(name);
    }
  }
  deepStrictEqual(wrong, []);
});
