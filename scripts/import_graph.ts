import ts from "typescript";

const root = new URL("../", import.meta.url);

/** Every TypeScript file below a folder, tests included, as paths from the root of the repository. */
export async function* sourceFiles(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    if (isDirectory) yield* sourceFiles(`${folder}${name}/`);
    else if (/\.tsx?$/.test(name)) yield `${folder}${name}`;
  }
}

/** Every module that a file imports, exports from or loads later, types included, as written there. */
export async function specifiersOf(path: string): Promise<string[]> {
  const text = await Deno.readTextFile(new URL(path, root));
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}

/** The files of the repository that a file imports, as paths from the root. */
export async function importsOf(path: string): Promise<string[]> {
  return (await specifiersOf(path)).filter((specifier) => specifier.startsWith(".")).map((specifier) =>
    new URL(specifier, new URL(path, root)).pathname.slice(root.pathname.length)
  );
}
