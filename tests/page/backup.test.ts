import { match, ok, strictEqual } from "node:assert/strict";
import type { Page } from "playwright-core";
import { errorXml, type SeenRequest } from "../support/faulty_proxy.ts";
import { assertAccessible, browserTest, stageOfFile } from "./page_stage.ts";

const stage = stageOfFile();
Deno.test.afterEach(() => stage()?.s3.disarm());
const activity = (page: Page) => page.getByRole("region", { name: "Activity" });
const backups = (page: Page) => page.getByRole("region", { name: "Backup history" });

/** Every write of a dump or manifest takes so long, until `disarm`. */
function slowWrites(ms: number): void {
  const isWrite = ({ method, target }: SeenRequest) => /PUT|POST/.test(method) && target.includes("/backups/");
  stage().s3.arm({ kind: "delay", ms }, isWrite, Infinity);
}

browserTest(
  "Trigger Backup is watched until dump and media have succeeded",
  async () => {
    slowWrites(1_200);
    const page = await stage().openAsAdmin();
    await page.getByRole("button", { name: "Trigger Backup" }).click();
    await activity(page).getByText("Running").first().waitFor();
    await activity(page).getByRole("progressbar").first().waitFor();
    await activity(page).getByText(/so far/).first().waitFor();
    await assertAccessible(page);
    await activity(page).getByText(/\d+ tables · [\d,]+ rows · [\d.]+ MiB/)
      .waitFor();
    stage().s3.disarm();
    await activity(page).getByText(/43 files · [\d.]+ MiB/).waitFor();
    strictEqual(await activity(page).getByText("Success").count(), 2);
    await backups(page).getByText(/\d+ tables · [\d,]+ rows/).waitFor();
    await page.getByText("in 1 backup").waitFor();
    await assertAccessible(page);
    for (const run of ["Database", "Media"]) {
      await activity(page).getByRole("button", { name: `Dismiss: ${run}` })
        .click();
    }
    await activity(page).getByText("Nothing is running.").waitFor();
    await page.context().close();
  },
);

browserTest(
  "the details of a dump tell its tables and what is not captured",
  async () => {
    const page = await stage().openAsAdmin();
    await backups(page).getByRole("link", { name: "Database" }).first().click();
    await page.getByRole("heading", { name: "Database backup" }).waitFor();
    match(new URL(page.url()).pathname, /^\/backup-history\/[0-9a-f-]{36}$/);
    const tables = page.getByRole("region", { name: "Tables" });
    await tables.getByRole("cell", { name: "bookings", exact: true }).waitFor();
    await page.getByLabel("Search tables").fill("auth.us");
    await tables.getByRole("cell", { name: "auth.users", exact: true })
      .waitFor();
    strictEqual(await tables.getByRole("row").count(), 2);
    await assertAccessible(page);
    await page.getByRole("tab", { name: /Not captured/ }).click();
    await page.getByRole("region", { name: "Not captured" }).getByText(
      "Expected",
    ).first().waitFor();
    await assertAccessible(page);
    await page.context().close();
  },
);

browserTest(
  "Backup Media shows its figures, and the details tell buckets and the R2 inventory",
  async () => {
    const page = await stage().openAsAdmin();
    await page.getByRole("button", { name: "Backup Media" }).click();
    await activity(page).getByText("43 files · 5.2 MiB · nothing new")
      .waitFor();
    await activity(page).getByRole("link", { name: "Media" }).click();
    await page.getByRole("heading", { name: "Media backup" }).waitFor();
    const buckets = page.getByRole("region", { name: "Buckets" });
    await buckets.getByRole("row", { name: /profile-images 36 3\.2 MiB/ })
      .waitFor();
    await page.getByRole("tab", { name: /Skipped files/ }).click();
    await page.getByText("No file was skipped").waitFor();
    await page.getByRole("tab", { name: /R2 inventory/ }).click();
    await page.getByText("public.content_library").waitFor();
    await assertAccessible(page);
    await page.context().close();
  },
);

browserTest(
  "a second trigger is told that a backup is already running, with a link to it",
  async () => {
    slowWrites(2_500);
    const page = await stage().openAsAdmin();
    await page.getByRole("button", { name: "Trigger Backup" }).click();
    await activity(page).getByText("Running").first().waitFor();
    await page.getByRole("button", { name: "Trigger Backup" }).click();
    await page.getByText("A backup is already running").waitFor();
    await assertAccessible(page);
    await page.getByRole("link", { name: "Show the run at work" }).click();
    await page.getByRole("heading", { name: "Database backup" }).waitFor();
    stage().s3.disarm();
    await page.getByRole("region", { name: "Tables" }).waitFor({
      timeout: 30_000,
    });
    await page.context().close();
  },
);

browserTest("Cancel stops a run", async () => {
  stage().s3.arm(
    { kind: "stall" },
    ({ method }) => method === "PUT" || method === "POST",
    Infinity,
  );
  const page = await stage().openAsAdmin();
  await page.getByRole("button", { name: "Trigger Backup" }).click();
  await activity(page).getByRole("button", { name: "Cancel: Database" })
    .click();
  await activity(page).getByRole("button", { name: "Cancel: Database" })
    .getByText("Stopping").waitFor();
  await activity(page).getByText("Cancelled", { exact: true }).waitFor({
    timeout: 40_000,
  });
  stage().s3.disarm();
  await page.context().close();
});

browserTest(
  "a bucket that refuses is told in plain words, with what to do",
  async () => {
    stage().s3.arm(
      { kind: "answer", status: 403, body: errorXml("AccessDenied") },
      ({ method }) => method === "PUT" || method === "POST",
      Infinity,
    );
    const page = await stage().openAsAdmin();
    await page.getByRole("button", { name: "Trigger Backup" }).click();
    await activity(page).getByText("Failed", { exact: true }).waitFor({
      timeout: 40_000,
    });
    stage().s3.disarm();
    await assertAccessible(page);
    await activity(page).getByRole("link", { name: "Database" }).click();
    await page.getByRole("heading", { name: "Database backup" }).waitFor();
    const told = await page.getByRole("alert").innerText();
    match(told, /refused|AccessDenied|denied/i);
    ok(told.length > 60, told);
    await assertAccessible(page);
    await page.context().close();
  },
);

browserTest("a backup with a label and a pin carries both", async () => {
  const page = await stage().openAsAdmin();
  await page.getByRole("button", { name: "More ways to back up" }).click();
  await page.getByRole("menuitem", { name: "Back up with a label" }).click();
  await page.getByRole("textbox", { name: "Label" }).fill("before migration");
  await page.getByLabel("Pin it").click();
  await assertAccessible(page);
  await page.getByRole("button", { name: "Start backup" }).click();
  await activity(page).getByText(/43 files/).waitFor({ timeout: 30_000 });
  const row = backups(page).getByRole("row").nth(2);
  await row.getByText("before migration").waitFor();
  await row.getByRole("img", { name: "Pinned" }).waitFor();
  await page.context().close();
});
