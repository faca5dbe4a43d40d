/** The text of tests and their support files, without comments: a code that only a comment names is not asserted. */
export async function* testSources(root: URL): AsyncGenerator<{ readonly path: string; readonly text: string }> {
  for (const folder of ["supabase/", "cli/", "local/", "src/", "tests/", "bench/", "scripts/"]) {
    for await (const file of sourcesUnder(folder, root)) {
      if (!/\.test\.tsx?$/.test(file.path) && !file.path.startsWith("tests/")) continue;
      if (!file.path.startsWith("tests/docs/")) yield file;
    }
  }
}

/** TypeScript below a folder, without comments. Paths are from the root of the repository. */
export async function* sourcesUnder(
  folder: string,
  root: URL,
): AsyncGenerator<{ readonly path: string; readonly text: string }> {
  for await (const file of filesUnder(new URL(folder, root))) {
    const path = file.href.slice(root.href.length);
    if (/\.tsx?$/.test(path)) yield { path, text: withoutComments(await Deno.readTextFile(file)) };
  }
}

async function* filesUnder(folder: URL): AsyncGenerator<URL> {
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isDirectory) yield* filesUnder(new URL(`${entry.name}/`, folder));
    else yield new URL(entry.name, folder);
  }
}

/** Removes comments, both whole lines and ends of lines. The `://` of an address begins none. */
function withoutComments(text: string): string {
  return text.replace(/\/\*\*?[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/ .*$/gm, "");
}
