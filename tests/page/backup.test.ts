import { match, ok, strictEqual } from "node:assert/strict";
import type { Page } from "playwright-core";
import { errorXml, type SeenRequest } from "../support/faulty_proxy.ts";
import { assertAccessible, browserTest, stageOfFile } from "./page_stage.ts";

const stage = stageOfFile({ r2: true });
const activity = (page: Page) => page.getByRole("region", { name: "Activity" });
const history = (page: Page) => page.getByRole("region", { name: "Backup history" });
const isWrite = ({ method }: SeenRequest) => method === "PUT" || method === "POST";

/** Delays every write of a dump or manifest by `ms` milliseconds, until the end of the test. */
function slowWrites(ms: number): void {
  stage().s3.arm(
    { kind: "delay", ms },
    (request) => isWrite(request) && request.target.includes("/backups/"),
    Infinity,
  );
}

browserTest("Trigger Backup is watched until dump and media have succeeded", async () => {
  slowWrites(1_000);
  await using page = await stage().openAsAdmin();
  await page.getByRole("button", { name: "Trigger Backup" }).click();
  await activity(page).getByText("Running").first().waitFor();
  await activity(page).getByRole("progressbar").first().waitFor();
  await activity(page).getByText(/so far/).first().waitFor();
  await assertAccessible(page);
  stage().s3.disarm();
  await activity(page).getByText(/\d+ tables · [\d,]+ rows · [\d.]+ MiB/).waitFor();
  await activity(page).getByText(/43 files · [\d.]+ MiB/).waitFor();
  strictEqual(await activity(page).getByText("Success", { exact: true }).count(), 2);
  await history(page).getByText(/\d+ tables · [\d,]+ rows/).waitFor();
  await page.getByText("in 1 backup").waitFor();
  await assertAccessible(page);
  for (const run of ["Database", "Media"]) {
    await activity(page).getByRole("button", { name: `Dismiss: ${run}` }).click();
  }
  await activity(page).getByText("Nothing is running.").waitFor();
});

browserTest("the details of a dump tell its tables and what is not captured", async () => {
  await using page = await stage().openAsAdmin();
  await history(page).getByRole("link", { name: "Database" }).first().click();
  await page.getByRole("heading", { name: "Database backup" }).waitFor();
  match(new URL(page.url()).pathname, /^\/backup-history\/[0-9a-f-]{36}$/);
  const tables = page.getByRole("region", { name: "Tables" });
  await tables.getByRole("cell", { name: "bookings", exact: true }).waitFor();
  await page.getByLabel("Search tables").fill("auth.us");
  await tables.getByRole("cell", { name: "auth.users", exact: true }).waitFor();
  strictEqual(await tables.getByRole("row").count(), 2);
  await assertAccessible(page);
  await page.getByRole("tab", { name: /Not captured/ }).click();
  await page.getByRole("region", { name: "Not captured" }).getByText("Expected").first().waitFor();
  await assertAccessible(page);
});

browserTest("Backup Media shows its figures, and the details tell buckets and the R2 inventory", async () => {
  await using page = await stage().openAsAdmin();
  await page.getByRole("button", { name: "Backup Media" }).click();
  await activity(page).getByText("43 files · 5.2 MiB · nothing new").waitFor();
  await activity(page).getByRole("link", { name: "Media" }).click();
  await page.getByRole("heading", { name: "Media backup" }).waitFor();
  await page.getByRole("region", { name: "Buckets" }).getByRole("row", { name: /profile-images 36 3\.2 MiB/ })
    .waitFor();
  await page.getByRole("tab", { name: /Skipped files/ }).click();
  await page.getByText("No file was skipped").waitFor();
  await page.getByRole("tab", { name: /R2 inventory/ }).click();
  await page.getByText("public.content_library").waitFor();
  // None of the sample's files is in the bucket that plays R2.
  match(
    (await page.getByRole("region", { name: "Comparison with R2" }).innerText()).replace(/\s+/g, " "),
    /Objects in R2 \d+ Missing in R2 4,000 Size differs 0 Unknown to the database \d+/,
  );
  await assertAccessible(page);
});

browserTest("a second trigger is told that a backup is already running, with a link to it", async () => {
  slowWrites(5_000);
  await using page = await stage().openAsAdmin();
  await page.getByRole("button", { name: "Trigger Backup" }).click();
  await activity(page).getByText("Running").first().waitFor();
  await page.getByRole("button", { name: "Trigger Backup" }).click();
  // A message stays while the pointer is over it, however long axe takes.
  await page.getByText("A backup is already running").hover();
  await assertAccessible(page);
  await page.getByRole("link", { name: "Show the run at work" }).click();
  await page.getByRole("heading", { name: "Database backup" }).waitFor();
  stage().s3.disarm();
  await page.getByRole("region", { name: "Tables" }).waitFor();
});

browserTest("Cancel stops a run", async () => {
  stage().s3.arm({ kind: "stall" }, isWrite, Infinity);
  await using page = await stage().openAsAdmin();
  await page.getByRole("button", { name: "Trigger Backup" }).click();
  const cancel = activity(page).getByRole("button", { name: "Cancel: Database" });
  await cancel.click();
  await cancel.getByText("Stopping").waitFor();
  await activity(page).getByText("Cancelled", { exact: true }).waitFor();
});

browserTest("a bucket that refuses is told in plain words, with what to do", async () => {
  stage().s3.arm({ kind: "answer", status: 403, body: errorXml("AccessDenied") }, isWrite, Infinity);
  await using page = await stage().openAsAdmin();
  await page.getByRole("button", { name: "Trigger Backup" }).click();
  await activity(page).getByText("Failed", { exact: true }).waitFor();
  await assertAccessible(page);
  await activity(page).getByRole("link", { name: "Database" }).click();
  await page.getByRole("heading", { name: "Database backup" }).waitFor();
  const told = await page.getByRole("alert").first().innerText();
  match(told, /refused|AccessDenied|denied/i);
  ok(told.length > 60, told);
  await assertAccessible(page);
});

browserTest("a backup with a label and a pin carries both", async () => {
  await using page = await stage().openAsAdmin();
  await page.getByRole("button", { name: "More ways to back up" }).click();
  await page.getByRole("menuitem", { name: "Back up with a label" }).click();
  await page.getByRole("textbox", { name: "Label" }).fill("before migration");
  await page.getByLabel("Pin it").click();
  await assertAccessible(page);
  await page.getByRole("button", { name: "Start backup" }).click();
  const row = history(page).getByRole("row", { name: /before migration/ }).first();
  await row.getByRole("img", { name: "Pinned" }).waitFor();
});
