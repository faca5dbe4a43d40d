import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** Names that a copy does not need, or shares with the original. */
const NOT_COPIED = new Set([".git", "node_modules", "dist", ".local", ".tools"]);

export interface Mutant {
  readonly name: string;
  /** Path from the project's root. */
  readonly file: string;
  /** Text that occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** Paths of the nearest test files. */
  readonly tests: readonly string[];
  /** Where the change makes the tests wait for ever: how long they are given, several times what they take without it. */
  readonly limitSeconds?: number;
  /** Part of the name of the only test to run in them. Absent: all of them. */
  readonly filter?: string;
  /** What would be lost if this change went unnoticed. */
  readonly loses: string;
}

/** Throws and names every entry whose text does not occur exactly once, which means that the list is out of date. */
export async function readList(): Promise<Mutant[]> {
  const mutants = JSON.parse(await Deno.readTextFile(join(root, "tests/mutants/mutants.json"))) as Mutant[];
  const wrong: string[] = [];
  const names = new Set<string>();
  for (const mutant of mutants) {
    if (names.has(mutant.name)) wrong.push(`${mutant.name}: the name is taken twice`);
    names.add(mutant.name);
    for (const test of mutant.tests) {
      await Deno.stat(join(root, test)).catch(() => wrong.push(`${mutant.name}: no ${test}`));
    }
    const text = await Deno.readTextFile(join(root, mutant.file)).catch(() => undefined);
    const times = text === undefined ? 0 : text.split(mutant.find).length - 1;
    if (times !== 1) wrong.push(`${mutant.name}: its text occurs ${times} times in ${mutant.file}`);
  }
  if (wrong.length > 0) throw new Error(`tests/mutants/mutants.json does not fit the source:\n${wrong.join("\n")}`);
  return mutants;
}

export interface Tree extends AsyncDisposable {
  readonly path: string;
  apply(mutant: Mutant): Promise<void>;
  restore(mutant: Mutant): Promise<void>;
}

/** Copies the project to a temporary folder; packages are linked. */
export async function copy(): Promise<Tree> {
  const path = await Deno.makeTempDir({ prefix: "lifeboat-mutants-" });
  // PostgreSQL runs as another user and must read files that tests give it.
  await Deno.chmod(path, 0o755);
  await copyFolder(root, path);
  for (const name of ["node_modules", ".tools"]) {
    if (await Deno.stat(join(root, name)).catch(() => undefined)) {
      await Deno.symlink(join(root, name), join(path, name));
    }
  }
  return {
    path,
    async apply({ file, find, replace }) {
      const text = await Deno.readTextFile(join(root, file));
      await Deno.writeTextFile(join(path, file), text.replace(find, () => replace));
    },
    restore: ({ file }) => Deno.copyFile(join(root, file), join(path, file)),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

async function copyFolder(from: string, to: string): Promise<void> {
  for await (const entry of Deno.readDir(from)) {
    if (NOT_COPIED.has(entry.name)) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory) {
      await Deno.mkdir(target, { recursive: true });
      await copyFolder(source, target);
    } else if (entry.isFile) await Deno.copyFile(source, target);
  }
}
