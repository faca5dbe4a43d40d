import { match, strictEqual } from "node:assert/strict";
import { CREATOR } from "../../local/sample/people.ts";
import { signIn } from "./chromium.ts";
import { assertAccessible, browserTest, stageOfFile } from "./page_stage.ts";

/** Paths of the API that answer 503 for now. */
const broken = new Set<string>();
const stage = stageOfFile((path) =>
  [...broken].some((start) => path.startsWith(start))
    ? Response.json({
      code: "sample_outage",
      message: "Sample of an outage.",
      hint: "Wait.",
    }, { status: 503 })
    : null
);

browserTest("a wrong password is refused in words", async () => {
  const page = await stage().openPage();
  await signIn(page, { email: stage().details.adminEmail, password: "wrong" });
  await page.getByRole("alert").getByText(/invalid/i).waitFor();
  await assertAccessible(page);
  await page.context().close();
});

browserTest(
  "an admin signs in, stays signed in after a reload, and signs out",
  async () => {
    const page = await stage().openAsAdmin();
    await page.getByRole("heading", { name: "Backups" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Backups" }).waitFor();
    await page.getByRole("button", { name: "Account" }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.context().close();
  },
);

browserTest(
  "somebody without the role admin is told why they see nothing, and sees nothing",
  async () => {
    const page = await stage().openPage();
    await signIn(page, CREATOR);
    await page.getByRole("heading", {
      name: "You are not an admin of this project",
    }).waitFor();
    match(await page.getByRole("main").innerText(), new RegExp(CREATOR.email));
    strictEqual(
      await page.getByRole("button", { name: "Trigger Backup" }).count(),
      0,
    );
    await assertAccessible(page);
    await page.context().close();
  },
);

browserTest("a project without a backup is told so", async () => {
  const page = await stage().openAsAdmin();
  await page.getByText("No backup yet").waitFor();
  await page.getByText("No backups in this time").waitFor();
  await assertAccessible(page);
  await page.context().close();
});

browserTest(
  "what cannot be loaded is an error that can be tried again, never an empty page",
  async () => {
    broken.add("/functions/v1/backup-admin");
    const page = await stage().openAsAdmin();
    await page.getByText("The overview could not be loaded").waitFor();
    await assertAccessible(page);
    broken.clear();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("Success rate").waitFor();

    broken.add("/rest/v1/backup_history");
    await page.reload();
    for (const what of ["What is running", "The charts", "The history"]) {
      await page.getByText(`${what} could not be loaded`).waitFor();
    }
    broken.clear();
    await page.getByRole("region", { name: "History" }).getByRole("button", {
      name: "Try again",
    }).click();
    await page.getByText("No backup yet").waitFor();
    await page.context().close();
  },
);

browserTest(
  "a failing question whether somebody is an admin is no refusal",
  async () => {
    broken.add("/rest/v1/rpc/has_role");
    const page = await stage().openPage();
    await signIn(page, {
      email: stage().details.adminEmail,
      password: stage().details.adminPassword,
    });
    await page.getByText("Your role could not be loaded").waitFor();
    broken.clear();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "Backups" }).waitFor();
    await page.context().close();
  },
);

browserTest("a link to a run that is not there says so", async () => {
  const page = await stage().openAsAdmin(
    {},
    "/7b4dfc6b-93a3-4fd7-8b84-6b4dd9a0a9a1",
  );
  await page.getByText("The history has no such run.").waitFor();
  await page.context().close();
});

browserTest(
  "the recovery guide is shown, and axe finds nothing wrong with it",
  async () => {
    const page = await stage().openAsAdmin();
    await page.getByRole("link", { name: "Recovery guide" }).click();
    await page.getByRole("heading", { name: "Recovery guide" }).waitFor();
    await page.getByRole("heading", { name: "Disaster recovery" }).waitFor();
    await assertAccessible(page);
    await page.context().close();
  },
);
