// `npm test`: every check of the project, one after the other, whatever fails before; ends with one line of counts.
// `npm test -- <path>…` runs only those tests, on both Denos; `--soak` the long ones.
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
  ["function bundles", [current, "run", "-A", "scripts/check_bundles.ts"]],
  ["the page builds", [...npx("vite/bin/vite.js"), "build", "--logLevel", "warn"]],
];
// What a function does is tested on its own Deno too. The rest runs on the command line or drives the stack from outside, whose
// functions run on 2.1.4 all the same.
const onEdgeToo = ["conformance", "dump", "http", "media"].map((folder) => `tests/${folder}`);
// Soaks are left out by naming the others.
const folders = readdirSync(new URL("../tests", import.meta.url)).filter((name) => name !== "soak");
const everywhere = ["supabase", ...folders.map((folder) => `tests/${folder}`)];
// Two files at a time: most of a test's time is waiting for a server, so that two cores are well used.
const test = ["test", "-A", "--no-check", "--parallel"];
// It counts the processes that it started, among which are those of all files that run beside it.
const lonely = "tests/stack/stack.test.ts";
const suites = paths.length > 0
  ? [["tests on the current Deno", [current, ...test, ...paths]], ["tests on Deno 2.1.4", [edge, ...test, ...paths]]]
  : soak
  ? [["soaks on the current Deno", [current, ...test, "tests/soak"]]]
  : [
    ["tests on the current Deno", [current, ...test, `--ignore=${lonely}`, ...everywhere]],
    ["a test that runs alone", [current, ...test, lonely]],
    // Sixty kills, one after the other, say nothing about a Deno that one run of them has not said.
    ["tests on Deno 2.1.4", [edge, ...test, "--ignore=tests/media/kill_and_resume.test.ts", "supabase", ...onEdgeToo]],
  ];

/** Runs a command, shows what it says and resolves with its exit code and text. */
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
    // A machine under load can miss a deadline. A file that failed is run once more, alone, and both runs are shown.
    const files = new Set([...text.matchAll(/^(\.\/\S+?\.test\.ts)\b.*FAILED/gm)].map(([, file]) => file));
    console.log(`\n== once more, alone: ${[...files].join(", ")}`);
    const alone = [command[0], ...test.filter((part) => part !== "--parallel"), ...files];
    if (files.size > 0 && (await run(alone)).code === 0) {
      console.log(`${failed} passed only on the second try, alone`);
      [passed, failed] = [passed + failed, 0];
    }
    total.failed += failed;
  } else if (code !== 0 || !(passed > 0)) {
    // A run that ends badly without a failed test (a crash, a leak, nothing to run) is a failure of its own.
    total.failed++;
  }
  total.passed += passed ?? 0;
  total.skipped += skipped ?? 0;
}
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exit(total.failed === 0 && !(process.env.CI === "true" && total.skipped > 0) ? 0 : 1);
