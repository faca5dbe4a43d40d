// `npm run mutants`: applies each change of tests/mutants.ts to a copy of the tree, one at a time, and runs the tests that
// stand nearest. A change that no test notices survives and is printed: a check that can be taken away is a decoration.
// `-- --only <text>` takes those whose file or sentence has the text in it; `-- --jobs 2` runs two at a time.
import process from "node:process";
import { parseArgs } from "node:util";
import { type Mutant, MUTANTS } from "../tests/mutants.ts";
import { denoPath } from "./deno.mjs";

const { values } = parseArgs({
  options: { only: { type: "string", default: "" }, jobs: { type: "string", default: "1" } },
});
const root = new URL("../", import.meta.url).pathname.replace(/\/$/, "");
/** Longer than the slowest of the nearest tests takes; a change that makes one hang is noticed by it. */
const LIMIT_MS = 240_000;
const COPIED = ["supabase", "src", "cli", "local", "tests", "bench", "scripts", "public", "docs", "index.html"]
  .concat("package.json", "deno.json", "tsconfig.json", "README.md", ".env.example");

const chosen = MUTANTS.filter(({ file, loses }) => `${file} ${loses}`.includes(values.only));
for (const mutant of chosen) await textOf(root, mutant);
const copies = await Promise.all(Array.from({ length: Number(values.jobs) }, copyTree));
const survivors: Mutant[] = [];
let caught = 0;
try {
  await assertGreen(copies[0], [...new Set(chosen.flatMap(({ tests }) => tests))]);
  const queue = [...chosen];
  await Promise.all(copies.map(async (copy) => {
    for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
      const path = `${copy}/${mutant.file}`;
      const text = await textOf(copy, mutant);
      await Deno.writeTextFile(path, text.replace(mutant.find, () => mutant!.replace));
      const outcome = await runTests(copy, mutant.tests);
      await Deno.writeTextFile(path, text);
      if (outcome === "green") survivors.push(mutant);
      else caught++;
      console.log(`${outcome === "green" ? "SURVIVES" : "caught  "} ${mutant.file}: ${mutant.loses}`);
    }
  }));
} finally {
  for (const copy of copies) await Deno.remove(copy, { recursive: true });
}
for (const { file, loses, tests } of survivors) console.log(`\nsurvivor: ${file}\n  ${loses}\n  ${tests.join(", ")}`);
console.log(`\n${caught} caught, ${survivors.length} survived`);
process.exit(survivors.length === 0 && caught > 0 ? 0 : 1);

/** The file as it is. The text that is to change has to stand in it exactly once, or the change would be another one. */
async function textOf(tree: string, { file, find }: Mutant): Promise<string> {
  const text = await Deno.readTextFile(`${tree}/${file}`);
  const places = text.split(find).length - 1;
  if (places !== 1) throw new Error(`${file} holds the text to change ${places} times, not once: ${find}`);
  return text;
}

async function copyTree(): Promise<string> {
  const copy = await Deno.makeTempDir({ prefix: "lifeboat-mutants-" });
  const sources = COPIED.map((name) => `${root}/${name}`);
  const { success } = await new Deno.Command("cp", { args: ["-r", ...sources, copy] }).output();
  if (!success) throw new Error("The tree could not be copied.");
  for (const shared of ["node_modules", ".tools"]) await Deno.symlink(`${root}/${shared}`, `${copy}/${shared}`);
  return copy;
}

async function assertGreen(copy: string, tests: readonly string[]): Promise<void> {
  for (const test of tests) {
    const outcome = await runTests(copy, [test]);
    if (outcome !== "green") throw new Error(`${test} is ${outcome} without any change, so that it proves nothing.`);
  }
}

async function runTests(copy: string, tests: readonly string[]): Promise<"green" | "red" | "too slow"> {
  const child = new Deno.Command(denoPath(), {
    args: ["test", "-A", "--no-check", "--fail-fast", "--quiet", ...tests],
    cwd: copy,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, LIMIT_MS);
  const { success } = await child.status;
  clearTimeout(timer);
  return late ? "too slow" : success ? "green" : "red";
}
