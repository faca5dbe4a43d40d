/**
 * `npm run mutants` removes one invariant after another from a copy of the source and runs the nearest tests. A change
 * that no test notices survives, is printed, and fails the command, because no test holds that promise. The list is
 * tests/mutants/mutants.json.
 *
 * `--only <pattern>` takes the mutants whose name or file matches; `--jobs <n>` runs so many at a time (2). `--after-gate`
 * takes the tests to be green, since the gate has just run them, and spares running each without any change.
 */
import { copy, type Mutant, readList } from "./mutants/mutant.ts";
import { runTests } from "./mutants/run_tests.ts";
import { parseArgs } from "node:util";

const { values: { only, jobs, "after-gate": afterGate } } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    jobs: { type: "string", default: "2" },
    "after-gate": { type: "boolean", default: false },
  },
});
const mutants = (await readList()).filter(({ name, file }) => new RegExp(only).test(`${name} ${file}`));
if (mutants.length === 0) throw new Error(`no mutant matches ${only}`);
const survivors: Mutant[] = [];
const broken: string[] = [];

await using folders = new AsyncDisposableStack();
const trees = await Promise.all(Array.from({ length: Number(jobs) }, async () => folders.use(await copy())));

// A test that fails without any mutant would count every change as noticed.
const suites = new Map(
  mutants.map((mutant) => [`${mutant.tests.join(" ")} ${mutant.filter ?? ""}`, { ...mutant, limitSeconds: undefined }]),
);
if (!afterGate) {
  await forEach([...suites], async ([name, suite], tree) => {
    const result = await runTests(tree.path, suite);
    console.log(`${result.outcome === "passed" ? "green" : "RED"}  ${name} (${result.seconds} s)`);
    if (result.outcome !== "passed") broken.push(`${name} is red without any change:\n${result.tail}`);
  });
}

if (broken.length === 0) {
  await forEach(mutants, async (mutant, tree) => {
    await tree.apply(mutant);
    try {
      const result = await runTests(tree.path, mutant);
      if (result.outcome === "passed") survivors.push(mutant);
      if (result.outcome === "unloadable") broken.push(`${mutant.name} is no program:\n${result.tail}`);
      const word = { passed: "SURVIVED", failed: "caught", unloadable: "BROKEN" }[result.outcome];
      console.log(`${word}  ${mutant.name} (${result.seconds} s)`);
    } finally {
      await tree.restore(mutant);
    }
  });
}

for (const text of broken) console.log(`\n${text}`);
for (const { name, file, loses } of survivors) console.log(`\nsurvived: ${name} (${file})\n  ${loses}`);
console.log(`\n${mutants.length} mutants, ${survivors.length} survived, ${broken.length} could not be tried`);
if (survivors.length + broken.length > 0) Deno.exitCode = 1;

/** Works on each item once, as many at a time as there are trees. */
async function forEach<Item>(
  items: readonly Item[],
  act: (item: Item, tree: (typeof trees)[number]) => Promise<void>,
): Promise<void> {
  const left = [...items];
  await Promise.all(trees.map(async (tree) => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await act(item, tree);
  }));
}
