import { match, strictEqual } from "node:assert/strict";
import { CREATOR } from "../../local/sample/people.ts";
import { signIn } from "./chromium.ts";
import { assertAccessible, browserTest, stageOfFile } from "./page_stage.ts";

const stage = stageOfFile();
const admin = () => ({ email: stage().details.adminEmail, password: stage().details.adminPassword });

browserTest("a wrong password is refused in words", async () => {
  await using page = await stage().openPage();
  await signIn(page, { ...admin(), password: "wrong" });
  await page.getByRole("alert").getByText(/invalid/i).waitFor();
  await assertAccessible(page);
});

browserTest("an admin signs in, stays signed in after a reload, and signs out", async () => {
  await using page = await stage().openPage();
  await signIn(page, admin());
  await page.getByRole("heading", { name: "Backups" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Backups" }).waitFor();
  await page.getByRole("button", { name: "Account" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
});

browserTest("somebody without the role admin is told why they see nothing, and sees nothing", async () => {
  await using page = await stage().openPage();
  await signIn(page, CREATOR);
  await page.getByRole("heading", { name: "You are not an admin of this project" }).waitFor();
  match(await page.getByRole("main").innerText(), new RegExp(CREATOR.email));
  strictEqual(await page.getByRole("button", { name: "Trigger Backup" }).count(), 0);
  await assertAccessible(page);
});

browserTest("a project without a backup is told so", async () => {
  await using page = await stage().openAsAdmin();
  await page.getByText("No backup yet").waitFor();
  await page.getByText("No backups in this time").waitFor();
  await page.getByText("Success rate").waitFor();
  await assertAccessible(page);
});

browserTest("what cannot be loaded is an error that can be tried again, never an empty page", async () => {
  stage().broken.add("/functions/v1/backup-admin").add("/rest/v1/backup_history");
  await using page = await stage().openAsAdmin();
  for (const what of ["The overview", "What is running", "The charts", "The history"]) {
    await page.getByText(`${what} could not be loaded`).waitFor();
  }
  await assertAccessible(page);
  stage().broken.clear();
  for (const [region, what] of [["Overview", "Success rate"], ["History", "No backup yet"]]) {
    await page.getByRole("region", { name: region, exact: true }).getByRole("button", { name: "Try again" }).click();
    await page.getByText(what).waitFor();
  }
});

browserTest("a failing question whether somebody is an admin is no refusal", async () => {
  stage().broken.add("/rest/v1/rpc/has_role");
  await using page = await stage().openPage();
  await signIn(page, admin());
  await page.getByText("Your role could not be loaded").waitFor();
  stage().broken.clear();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "Backups" }).waitFor();
});

browserTest("a link to a run that is not there says so", async () => {
  await using page = await stage().openAsAdmin(undefined, "/7b4dfc6b-93a3-4fd7-8b84-6b4dd9a0a9a1");
  await page.getByText("The history has no such run.").waitFor();
});

browserTest("the recovery guide is shown, and axe finds nothing wrong with it", async () => {
  await using page = await stage().openAsAdmin();
  await page.getByRole("link", { name: "Recovery guide" }).click();
  await page.getByRole("heading", { name: "Recovery guide" }).waitFor();
  await page.getByRole("heading", { name: "Disaster recovery" }).waitFor();
  await assertAccessible(page);
});
