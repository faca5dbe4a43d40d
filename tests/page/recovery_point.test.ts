import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { assertAccessible, browserTest, stageOfFile } from "./page_stage.ts";
import { drillOnCommandLine } from "./restore_drill.ts";

const stage = stageOfFile();
/** The run of the dump that these tests look at. The first test makes it. */
let dumpId = "";

async function openDump(): Promise<Page> {
  if (dumpId === "") dumpId = await backUp();
  const page = await stage().openAsAdmin(undefined, `/${dumpId}`);
  await page.getByRole("heading", { name: "Database backup" }).waitFor();
  return page;
}

/** Makes a backup as cron does, and waits until the media run has ended, too. */
async function backUp(): Promise<string> {
  const { functionsUrl, secretKey } = stage().details;
  const response = await fetch(`${functionsUrl}/database-backup`, {
    method: "POST",
    headers: { apikey: secretKey, "content-type": "application/json" },
    body: '{"wait": true}',
  });
  const { runId, status } = await response.json();
  strictEqual(status, "success");
  await stage().settle();
  return runId;
}

async function download(page: Page, choice: string): Promise<{ name: string; bytes: Uint8Array }> {
  const arrives = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  await page.getByRole("menuitem", { name: choice, exact: true }).click();
  const file = await arrives;
  return { name: file.suggestedFilename(), bytes: await Deno.readFile(await file.path()) };
}

async function verifyEverything(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Verify" }).click();
  await page.getByRole("menuitem", { name: "Everything" }).click();
  await page.getByRole("heading", { name: "Verification" }).waitFor();
}

browserTest("the dump is downloaded compressed and as plain JSON, and both are the same", async () => {
  await using page = await openDump();
  const compressed = await download(page, "Dump, compressed (.json.gz)");
  const plain = await download(page, "Dump, plain (.json)");
  match(compressed.name, /^collabhunts-backup-.*Z\.json\.gz$/);
  strictEqual(`${plain.name}.gz`, compressed.name);
  ok(gunzipSync(compressed.bytes).equals(plain.bytes));
  ok(JSON.parse(new TextDecoder().decode(plain.bytes)).tables.bookings.rows.length > 0);
});

browserTest("who took a download link is in the log, and the link itself is nowhere on the page", async () => {
  await using page = await openDump();
  await download(page, "Manifest");
  await page.getByText("You took a download link (manifest)").first().waitFor();
  ok(!(await page.content()).includes("X-Amz-Signature"));
});

browserTest("a bucket that does not let browsers read says which rule is missing", async () => {
  await using page = await openDump();
  // A bucket without a CORS rule looks like this: the browser does not show the answer to the page.
  stage().s3.arm({ kind: "answer", status: 403 }, ({ target }) => target.includes("X-Amz-Signature"), Infinity);
  await page.getByRole("button", { name: "Download" }).click();
  await page.getByRole("menuitem", { name: "Dump, plain (.json)" }).click();
  await page.getByText("Give the bucket a CORS rule that allows GET from").first().waitFor();
});

browserTest("Verify reads the point back and shows its coverage; the overview then knows the point", async () => {
  await using page = await openDump();
  await page.getByText("It has not been verified yet.").waitFor();
  await verifyEverything(page);
  await page.getByRole("tab", { name: "Coverage" }).waitFor();
  await page.getByRole("tab", { name: "Damage 0" }).click();
  await page.getByText("Everything that was read back is whole").waitFor();
  await assertAccessible(page);
  await page.getByRole("complementary").getByText("Success").nth(2).waitFor();
  await page.getByRole("link", { name: "All backups" }).click();
  await page.getByText("Within its target 26 h").waitFor();
});

browserTest("a restore drill shows what it compared, and the overview the recovery time that it measured", async () => {
  await using dump = await openDump();
  await drillOnCommandLine(stage().details);
  await dump.reload();
  await dump.getByRole("complementary").getByRole("link", { name: /^Restore drill/ }).click();
  await dump.getByRole("heading", { name: "Restore drill" }).waitFor();
  const [, equal, tables] = /Tables equal\s+(\d+) of (\d+)/.exec(await dump.getByRole("tabpanel").innerText()) ?? [];
  ok(Number(tables) > 30);
  strictEqual(equal, tables);
  await dump.getByRole("tab", { name: /^Checks/ }).click();
  await dump.getByText("sequences stand after their data").waitFor();
  await assertAccessible(dump);
  await dump.getByRole("link", { name: "All backups" }).click();
  await dump.getByText(/^Drill .* ago$|^Drill just now$/).waitFor();
});

browserTest("label and pin are kept, for both runs of the point", async () => {
  await using page = await openDump();
  await page.getByRole("button", { name: "Label" }).click();
  await page.getByRole("textbox", { name: "Label" }).fill("before migration");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("“before migration”").first().waitFor();
  await page.getByRole("button", { name: "Pin", exact: true }).click();
  await page.getByRole("button", { name: "Unpin" }).waitFor();
  const { rows } = await stage().sql(
    "select kind, label, pinned from public.backup_history where kind in ('database', 'media') order by kind",
  );
  deepStrictEqual(rows, ["database", "media"].map((kind) => ({ kind, label: "before migration", pinned: true })));
  await page.getByText("You changed label or pin").first().waitFor();
});

browserTest("a damaged file is found and shown, and the run turns damaged", async () => {
  await using page = await openDump();
  stage().s3.arm(
    { kind: "flip", side: "response", atByte: 5_000 },
    ({ method, target }) => method === "GET" && target.includes(".json.gz") && !target.includes("media"),
    Infinity,
  );
  await verifyEverything(page);
  await page.getByRole("tab", { name: /Damage [1-9]/ }).click();
  await page.getByRole("region", { name: "Damage" }).getByText(/\.json\.gz/).first().waitFor();
  await assertAccessible(page);
  await page.getByRole("complementary").getByRole("link", { name: /^Database/ }).click();
  await page.getByRole("heading", { name: "Database backup" }).waitFor();
  await page.getByRole("main").getByText("Damaged").first().waitFor();
  await assertAccessible(page);
});
