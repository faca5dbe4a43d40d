import assert from "node:assert/strict";

const root = new URL("../../", import.meta.url);

Deno.test("each of the 16 sufferings names tests that are there", async () => {
  const text = await Deno.readTextFile(new URL("docs/SUFFERINGS.md", root));
  const lines = text.split("\n").filter((line) => /^\| \d+ \|/.test(line));
  assert.deepEqual(
    lines.map((line) => Number(line.split("|")[1])),
    Array.from({ length: 16 }, (_, index) => index + 1),
  );
  for (const line of lines) {
    const named = [...line.matchAll(/`(tests\/[\w/]+\.test\.ts)`: "([^"]+)"/g)];
    assert.ok(named.length > 0, line);
    for (const [, file, name] of named) {
      const source = await Deno.readTextFile(new URL(file, root));
      assert.ok(source.includes(name), `${file} has no test "${name}"`);
    }
  }
});
