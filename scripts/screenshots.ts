// Makes docs/screenshots from the built page on the local stack with its sample project: node scripts/deno.mjs run -A
// scripts/screenshots.ts. Needs Chromium. The history in the pictures is invented.
import { fileURLToPath } from "node:url";
import type { BrowserContextOptions, Page } from "playwright-core";
import { errorXml, type SeenRequest } from "../tests/support/faulty_proxy.ts";
import { PageStage } from "../tests/page/page_stage.ts";
import { drillOnCommandLine } from "../tests/page/restore_drill.ts";
import { writeSampleHistory } from "../tests/page/sample_history.ts";

const folder = fileURLToPath(new URL("../docs/screenshots/", import.meta.url));
const isWrite = ({ method, target }: SeenRequest) => /PUT|POST/.test(method) && target.includes("/backups/");

await using stage = await PageStage.start();

async function picture(
  name: string,
  options: BrowserContextOptions,
  show: (page: Page) => Promise<void>,
): Promise<void> {
  await using page = await stage.openAsAdmin({
    viewport: { width: 1280, height: 880 },
    timezoneId: "Europe/Berlin",
    ...options,
  });
  await page.getByRole("group", { name: "Charts" }).waitFor();
  await show(page);
  await page.mouse.move(0, 0);
  // Waits until toasts and fades have ended.
  await page.waitForTimeout(600);
  await page.screenshot({ path: `${folder}${name}.png` });
  console.log(`${name}.png`);
}

const activity = (page: Page) => page.getByRole("region", { name: "Activity" });
const openNewest = async (page: Page, kind: string) => {
  await page.getByRole("region", { name: "Backup history" }).getByRole("link", { name: kind }).first().click();
  await page.getByRole("tab").first().waitFor();
};

await writeSampleHistory(stage.details.dbUrl, { days: 120, perDay: 1 });
const isFile = ({ method, target }: SeenRequest) => method === "PUT" && target.includes("/media-backups/");
stage.s3.arm({ kind: "delay", ms: 900 }, isFile, Infinity);
await picture("running", {}, async (page) => {
  await page.getByRole("button", { name: "Trigger Backup" }).click();
  await activity(page).getByText(/^[3-7]\d %$/).waitFor();
});
await stage.settle();
await drillOnCommandLine(stage.details);
await picture("details", {}, async (page) => {
  await openNewest(page, "Database");
  await page.getByRole("button", { name: "Verify" }).click();
  await page.getByRole("menuitem", { name: "Everything" }).click();
  await page.getByRole("tab", { name: "Coverage" }).waitFor();
  await page.getByRole("link", { name: /^Database/ }).click();
  await page.getByRole("tab", { name: "Tables" }).waitFor();
});
await picture("history", {}, async () => {});
await picture("history-dark", { colorScheme: "dark" }, async () => {});
await picture("phone", { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }, async () => {});
await picture("media", {}, async (page) => {
  await openNewest(page, "Media");
});
await picture("failure", {}, async (page) => {
  stage.s3.arm({ kind: "answer", status: 403, body: errorXml("AccessDenied", "Access Denied") }, isWrite, Infinity);
  await page.getByRole("button", { name: "Trigger Backup" }).click();
  await activity(page).getByText("Failed", { exact: true }).waitFor();
});
