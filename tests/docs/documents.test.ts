import { deepStrictEqual, ok } from "node:assert/strict";

const root = new URL("../../", import.meta.url);
const FOLDERS = ["", "docs/", "public/", "local/"];

Deno.test("links between documents lead somewhere", async () => {
  const broken: string[] = [];
  for await (const { file, text } of documents()) {
    for (const [, target] of withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [path, anchor] = target.split("#");
      const linked = path === "" ? file : new URL(path, file);
      const found = await Deno.readTextFile(linked).catch((error) => {
        if (error instanceof Deno.errors.NotFound) return undefined;
        throw error;
      });
      if (found === undefined || anchor !== undefined && !anchorsOf(found).includes(anchor)) {
        broken.push(`${file.pathname.slice(root.pathname.length)}: ${target}`);
      }
    }
  }
  deepStrictEqual(broken, []);
});

Deno.test("every npm script that a document tells of exists", async () => {
  const { scripts } = JSON.parse(await Deno.readTextFile(new URL("package.json", root)));
  for await (const { file, text } of documents()) {
    for (const [, script] of text.matchAll(/npm run (?:-s )?([a-z]+)/g)) {
      ok(script in scripts, `${file.pathname}: npm run ${script}`);
    }
  }
});

Deno.test("pictures are SVG that says in words what it shows", async () => {
  for await (const { name } of Deno.readDir(new URL("docs/images/", root))) {
    const text = await Deno.readTextFile(new URL(`docs/images/${name}`, root));
    ok(/<title[ >][^<]+.*<desc[ >][^<]+/s.test(text), name);
  }
});

async function* documents(): AsyncGenerator<{ file: URL; text: string }> {
  for (const folder of FOLDERS) {
    for await (const { name } of Deno.readDir(new URL(folder, root))) {
      const file = new URL(folder + name, root);
      if (name.endsWith(".md")) yield { file, text: await Deno.readTextFile(file) };
    }
  }
}

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
}

/** The anchors that GitHub gives to the headings of a document. */
function anchorsOf(text: string): string[] {
  return [...withoutCode(text).matchAll(/^#+ (.*)$/gm)]
    .map(([, heading]) => heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"));
}
