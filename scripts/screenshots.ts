// Makes docs/screenshots from the built page before the local stack with its sample project:
// node scripts/deno.mjs run -A scripts/screenshots.ts. Needs Chromium. The past in the pictures is made up.
import { fileURLToPath } from "node:url";
import type { BrowserContextOptions, Page } from "playwright-core";
import { errorXml, type SeenRequest } from "../tests/support/faulty_proxy.ts";
import { PageStage } from "../tests/page/page_stage.ts";
import { writeSampleHistory } from "../tests/page/sample_history.ts";

const folder = fileURLToPath(new URL("../docs/screenshots/", import.meta.url));
const isWrite = ({ method, target }: SeenRequest) => /PUT|POST/.test(method) && target.includes("/backups/");

await using stage = await PageStage.start();

async function picture(
  name: string,
  options: BrowserContextOptions,
  show: (page: Page) => Promise<void>,
): Promise<void> {
  const page = await stage.openAsAdmin({
    viewport: { width: 1280, height: 880 },
    timezoneId: "Europe/Berlin",
    ...options,
  });
  await page.getByRole("group", { name: "Charts" }).waitFor();
  await show(page);
  await page.mouse.move(0, 0);
  // Toasts and fades come to rest.
  await page.waitForTimeout(600);
  await page.screenshot({ path: `${folder}${name}.png` });
  await page.context().close();
  console.log(`${name}.png`);
}

const activity = (page: Page) => page.getByRole("region", { name: "Activity" });
const openNewest = async (page: Page, kind: string) => {
  await page.getByRole("region", { name: "Backup history" }).getByRole("link", { name: kind }).first().click();
  await page.getByRole("tab").first().waitFor();
};

await writeSampleHistory(stage.details.dbUrl, { days: 120, perDay: 1 });
await picture("details", {}, async (page) => {
  await page.getByRole("button", { name: "Trigger Backup" }).click();
  await activity(page).getByText(/^43 files/).waitFor({ timeout: 30_000 });
  await openNewest(page, "Database");
  await page.getByRole("button", { name: "Verify" }).click();
  await page.getByRole("menuitem", { name: "Everything" }).click();
  await page.getByRole("tab", { name: "Coverage" }).waitFor({ timeout: 30_000 });
  await page.getByRole("link", { name: /^Database/ }).click();
  await page.getByRole("tab", { name: "Tables" }).waitFor();
});
await picture("history", {}, async () => {});
await picture("history-dark", { colorScheme: "dark" }, async () => {});
await picture("phone", { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }, async () => {});
await picture("media", {}, async (page) => {
  await openNewest(page, "Media");
});
await picture("running", {}, async (page) => {
  stage.s3.arm({ kind: "delay", ms: 1_500 }, isWrite, Infinity);
  await page.getByRole("button", { name: "Trigger Backup" }).click();
  await activity(page).getByText(/rows$/).waitFor();
});
stage.s3.disarm();
await picture("failure", {}, async (page) => {
  await activity(page).getByText(/^43 files/).waitFor({ timeout: 30_000 });
  for (const run of ["Database", "Media"]) await page.getByRole("button", { name: `Dismiss: ${run}` }).click();
  stage.s3.arm({ kind: "answer", status: 403, body: errorXml("AccessDenied", "Access Denied") }, isWrite, Infinity);
  await page.getByRole("button", { name: "Trigger Backup" }).click();
  await activity(page).getByText("Failed", { exact: true }).waitFor({ timeout: 30_000 });
});
