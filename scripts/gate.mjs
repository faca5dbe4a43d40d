// `npm test` runs every check of the project, also after a failure, and ends with one line of counts. `npm test --
// <path>…` runs only those tests on both Denos, `--soak` the long ones.
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { denoPath } from "./deno.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const args = process.argv.slice(2);
const soak = args.includes("--soak");
const paths = args.filter((arg) => !arg.startsWith("--"));
const current = denoPath();
const edge = denoPath(true);
const npx = (name) => [process.execPath, fileURLToPath(new URL(`../node_modules/${name}`, import.meta.url))];

const checks = [
  ["format", [current, "fmt", "--check", "--quiet"]],
  ["lint", [current, "lint", "--quiet"]],
  ["engine type-checks without Deno or Node", [...npx("typescript/bin/tsc"), "-p", "tsconfig.json"]],
  ["types", [current, "check", "--quiet", "supabase", "cli", "local", "tests", "bench", "scripts"]],
  ["generated modules are up to date", [current, "run", "-A", "scripts/generate.ts", "--check"]],
  ["imports point one way", [current, "run", "-A", "scripts/check_imports.ts"]],
  ["no circles", [current, "run", "-A", "scripts/check_cycles.ts"]],
  ["function bundles", [current, "run", "-A", "scripts/check_bundles.ts"]],
  ["the page builds", [...npx("vite/bin/vite.js"), "build", "--logLevel", "warn"]],
];
// Files are named one by one, since `--ignore` does not work with several folders.
const files = readdirSync(new URL("../tests", import.meta.url), { recursive: true })
  .map((name) => `tests/${name.replaceAll("\\", "/")}`).filter((name) => name.endsWith(".test.ts")).sort();
// This test counts the processes that it started, and would count those of test files beside it.
const alone = "tests/stack/stack.test.ts";
const everything = files.filter((name) => !name.startsWith("tests/soak/") && name !== alone);
// Whatever runs in a function is also tested on the Deno of edge functions. The rest is the command line, or drives the
// stack from outside, whose functions run on 2.1.4 anyway; sixty kills need no repetition on the other Deno.
const onEdgeToo = everything.filter((name) =>
  /^tests\/(conformance|dump|http|media)\//.test(name) && name !== "tests/media/kill_and_resume.test.ts"
);
// Two files run at a time, because tests mostly wait for servers and two cores are then well used.
const serial = ["test", "-A", "--no-check"];
const test = [...serial, "--parallel"];
const suites = paths.length > 0
  ? [["tests on the current Deno", [current, ...test, ...paths]], ["tests on Deno 2.1.4", [edge, ...test, ...paths]]]
  : soak
  ? [["soaks on the current Deno", [current, ...serial, "tests/soak"]]]
  : [
    ["tests on the current Deno", [current, ...test, "supabase", ...everything]],
    ["a test that runs alone", [current, ...serial, alone]],
    ["tests on Deno 2.1.4", [edge, ...test, "supabase", ...onEdgeToo]],
  ];

/** Runs a command, shows its output and resolves with its exit code and text. */
function run([command, ...rest]) {
  return new Promise((resolve) => {
    let text = "";
    const child = spawn(command, rest, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", DENO_JOBS: "2" },
    });
    for (const [stream, out] of [[child.stdout, process.stdout], [child.stderr, process.stderr]]) {
      stream.on("data", (data) => {
        text += data;
        out.write(data);
      });
    }
    child.on("close", (code) => resolve({ code, text }));
  });
}

const total = { passed: 0, failed: 0, skipped: 0 };
/** Files that failed beside others and passed alone. Each is a defect of product or test until shown otherwise. */
const secondTries = [];
for (const [name, command] of paths.length > 0 || soak ? [] : checks) {
  console.log(`\n== ${name}`);
  const { code } = await run(command);
  total[code === 0 ? "passed" : "failed"]++;
  if (code !== 0) console.log(`FAILED: ${name}`);
}
for (const [name, command] of suites) {
  console.log(`\n== ${name}`);
  const { code, text } = await run(command);
  const counts = [...text.matchAll(/(\d+) passed(?: \(.*?\))? \| (\d+) failed(?: \(.*?\))?(?: \| (\d+) ignored)?/g)].at(
    -1,
  );
  let [passed, failed, skipped] = (counts ?? []).slice(1).map((count) => Number(count ?? 0));
  if (code !== 0 && failed > 0) {
    // A machine under load can miss a deadline, so a failed file runs once more, alone. Both runs are shown.
    const failing = new Set([...text.matchAll(/^(\.\/\S+?\.test\.ts)\b.*FAILED/gm)].map(([, file]) => file));
    console.log(`\n== once more, alone: ${[...failing].join(", ")}`);
    const again = [command[0], ...serial, ...failing];
    if (failing.size > 0 && (await run(again)).code === 0) {
      secondTries.push(...[...failing].map((file) => `${file} (${name})`));
      [passed, failed] = [passed + failed, 0];
    }
    total.failed += failed;
  } else if (code !== 0 || !(passed > 0)) {
    // A run that fails without a failed test (a crash, a leak, nothing to run) counts as one failure.
    total.failed++;
  }
  total.passed += passed ?? 0;
  total.skipped += skipped ?? 0;
}
for (const file of secondTries) console.log(`passed only on the second try, alone: ${file}`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exit(total.failed === 0 && !(process.env.CI === "true" && total.skipped > 0) ? 0 : 1);
