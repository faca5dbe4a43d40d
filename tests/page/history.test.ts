import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { assertAccessible, browserTest, stageOfFile } from "./page_stage.ts";
import { writeSampleHistory } from "./sample_history.ts";

const stage = stageOfFile();
const DAYS = 5_100;

/** Writes a history of 10,000 rows, once. */
async function ensureHistory(): Promise<void> {
  const written = await stage().sql("select from public.backup_history limit 1");
  if (written.rowCount === 0) await writeSampleHistory(stage().details.dbUrl, { days: DAYS, perDay: 1 });
}

async function openHistory(options?: BrowserContextOptions): Promise<Page> {
  await ensureHistory();
  const page = await stage().openAsAdmin(options);
  await table(page).getByRole("row").nth(1).waitFor();
  return page;
}

const table = (page: Page) => page.getByRole("region", { name: "Backup history" });
const range = (page: Page) => page.getByRole("navigation", { name: "Pages of the history" }).getByRole("paragraph");

async function count(where: string): Promise<number> {
  const { rows } = await stage().sql(`select count(*)::integer from public.backup_history where ${where}`);
  return rows[0].count;
}

async function waitForText(
  locator: Locator,
  text: string | RegExp,
): Promise<void> {
  await locator.filter({ hasText: text }).waitFor();
}

browserTest("10,000 runs: the page asks for no more of them than it shows", async () => {
  await using page = await openHistory();
  const total = await count("true");
  ok(total >= 10_000);
  const asked: { trend: boolean; rows: number }[] = [];
  page.on("response", async (response) => {
    if (!response.url().includes("/rest/v1/backup_history")) return;
    const rows: unknown = await response.json().catch(() => []);
    asked.push({ trend: response.url().includes("select=kind%2Cstarted_at"), rows: (rows as unknown[]).length });
  });
  const times: number[] = [];
  for (let turn = 0; turn < 3; turn++) {
    const start = performance.now();
    await page.reload({ waitUntil: "commit" });
    await table(page).getByRole("row").nth(1).waitFor();
    times.push(Math.round(performance.now() - start));
  }
  // The figure is printed and not asserted, because other programs share the machine.
  console.log(`first rows of ${total} after ${times.join(", ")} ms`);
  await waitForText(range(page), `1–25 of ${total.toLocaleString("en")}`);
  await page.getByRole("group", { name: "Charts" }).waitFor();
  await page.getByRole("button", { name: "Last page" }).click();
  const first = Math.floor((total - 1) / 25) * 25 + 1;
  await waitForText(range(page), `${first.toLocaleString("en")}–${total.toLocaleString("en")} of`);
  ok(asked.some(({ trend }) => trend) && asked.some(({ trend }) => !trend));
  for (const { trend, rows } of asked) ok(rows <= (trend ? 1_000 : 25), `${rows} rows at once`);
});

browserTest(
  "filter, sorting and page are the database's and stand in the address",
  async () => {
    await using page = await openHistory();
    await page.getByRole("combobox", { name: "Kind" }).click();
    await page.getByRole("option", { name: "Database" }).click();
    await page.getByRole("combobox", { name: "Status" }).click();
    await page.getByRole("option", { name: "Failed" }).click();
    const failed = (await count("kind = 'database' and status = 'failed'")).toLocaleString("en");
    await waitForText(range(page), `1–25 of ${failed}`);
    await page.getByRole("button", { name: "Next page" }).click();
    await waitForText(range(page), `26–50 of ${failed}`);
    strictEqual(
      new URL(page.url()).search,
      "?kind=database&status=failed&page=2",
    );
    await page.reload();
    await waitForText(range(page), `26–50 of ${failed}`);

    await page.getByRole("button", { name: "Clear" }).click();
    await table(page).getByRole("button", { name: "Size" }).click();
    await page.waitForURL(/\?sort=bytes$/);
    await atRest(page);
    const { rows } = await stage().sql("select max(bytes)::integer as most from public.backup_history");
    const largest = (rows[0].most / 2 ** 20).toFixed(1);
    await waitForText(table(page).getByRole("row").nth(1), `${largest} MiB`);
    strictEqual(
      await table(page).getByRole("columnheader", { name: "Size" })
        .getAttribute("aria-sort"),
      "descending",
    );
  },
);

browserTest(
  "days are those of the viewer's zone, and times tell UTC",
  async () => {
    // The sample runs start at 02:17 UTC: the evening before in Los Angeles.
    await using page = await openHistory({ timezoneId: "America/Los_Angeles" });
    const { rows } = await stage().sql(
      `select to_char(date_trunc('day', max(started_at)) - interval '1 day', 'YYYY-MM-DD') as eve,
      to_char(max(started_at), 'YYYY-MM-DD HH24:MI:SS') as newest from public.backup_history`,
    );
    await page.getByLabel("From").fill(rows[0].eve);
    await page.getByLabel("To", { exact: true }).fill(rows[0].eve);
    await waitForText(range(page), /1–\d of \d/);
    const time = table(page).getByRole("row").nth(1).getByRole("time");
    strictEqual(await time.getAttribute("title"), `${rows[0].newest} UTC`);
    ok(
      /(18|19):17$/.test((await time.innerText()).trim()),
      await time.innerText(),
    );
    await page.getByLabel("From").fill("2031-01-01");
    await page.getByText("No run matches this filter").waitFor();
    await assertAccessible(page);
  },
);

for (const colorScheme of ["light", "dark"] as const) {
  browserTest(`nothing is wrong for axe, ${colorScheme}`, async () => {
    await using page = await openHistory({ colorScheme });
    await page.getByRole("group", { name: "Charts" }).waitFor();
    await assertAccessible(page);
    await page.getByRole("button", { name: "Account" }).click();
    // Radix puts a menu outside of all landmarks.
    await assertAccessible(page, ["region"]);
  });
}

browserTest("the colours can be chosen and stay", async () => {
  await using page = await openHistory({ colorScheme: "light" });
  await page.getByRole("button", { name: "Colours" }).click();
  await page.getByRole("menuitem", { name: "Dark" }).click();
  await page.reload();
  strictEqual(
    await page.evaluate(
      "getComputedStyle(document.documentElement).colorScheme",
    ),
    "dark",
  );
});

browserTest(
  "nothing is cut off or needs sideways scrolling at 360 px, on a phone's touch screen",
  async () => {
    await using page = await openHistory({
      viewport: { width: 360, height: 740 },
      hasTouch: true,
      isMobile: true,
    });
    await page.getByRole("group", { name: "Charts" }).waitFor();
    const width = "document.documentElement.scrollWidth";
    strictEqual(await page.evaluate(width), 360);
    // The table itself fits too.
    strictEqual(
      await table(page).evaluate((region) => {
        const { scrollWidth, clientWidth } = region as unknown as {
          scrollWidth: number;
          clientWidth: number;
        };
        return scrollWidth - clientWidth;
      }),
      0,
    );
    await assertAccessible(page);
    await table(page).getByRole("row").nth(1).tap();
    await page.getByRole("heading", { name: /backup$/ }).waitFor();
    await page.getByText("In the bucket").waitFor();
    strictEqual(await page.evaluate(width), 360);
    // The row stood far below.
    strictEqual(await page.evaluate("scrollY"), 0);
    await assertAccessible(page);
    await page.getByRole("link", { name: "Recovery guide" }).tap();
    await page.getByRole("heading", { name: "Disaster recovery" }).waitFor();
    strictEqual(await page.evaluate(width), 360);
  },
);

browserTest("nothing jumps while the page loads", async () => {
  await using page = await openHistory();
  await page.addInitScript(
    `globalThis.jumps = []; new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) jumps.push(entry.value);
  }).observe({ type: "layout-shift", buffered: true });`,
  );
  await page.reload();
  await page.getByRole("group", { name: "Charts" }).waitFor();
  await page.getByText("Success rate").waitFor();
  await page.waitForTimeout(300);
  const jumps = await page.evaluate("jumps") as number[];
  // Up to 0.1 counts as good, see https://web.dev/articles/cls
  ok(jumps.reduce((sum, value) => sum + value, 0) < 0.02, String(jumps));
});

browserTest("everything can be done with the keyboard alone", async () => {
  await ensureHistory();
  await using page = await stage().openPage();
  const { adminEmail, adminPassword } = stage().details;
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.keyboard.type(adminEmail);
  await page.keyboard.press("Tab");
  await page.keyboard.type(adminPassword);
  await page.keyboard.press("Enter");
  await table(page).getByRole("row").nth(1).waitFor();

  await tabTo(page, "Skip to content");
  await tabTo(page, "Trigger Backup");
  await tabTo(page, "More ways to back up");
  await page.keyboard.press("Enter");
  await hasFocus(page, "menuitem", "Back up with a label…");
  await page.keyboard.press("Escape");
  await hasFocus(page, "button", "More ways to back up");
  await tabTo(page, "Kind");
  await page.keyboard.press("Enter");
  await hasFocus(page, "option", "All kinds");
  await page.keyboard.press("ArrowDown");
  await hasFocus(page, "option", "Database");
  await page.keyboard.press("Enter");
  await page.waitForURL(/kind=database/);
  await atRest(page);
  await tabTo(page, "Duration");
  await page.keyboard.press("Enter");
  await page.waitForURL(/sort=duration_ms/);
  await atRest(page);
  await tabTo(page, /^Database/);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Database backup" }).waitFor();
  await tabTo(page, "Pin");
  await tabTo(page, "Verify");
  await page.keyboard.press("Enter");
  await hasFocus(page, "menuitem", /^A sample/);
  await page.keyboard.press("ArrowDown");
  await hasFocus(page, "menuitem", /^Everything/);
  await page.keyboard.press("Escape");
});

/** Waits until the table shows the rows that were asked for. */
async function atRest(page: Page): Promise<void> {
  await table(page).locator("table:not([aria-busy=true])").waitFor();
}

/** Waits until an element has the focus. Lists and menus move the focus some time after the key was pressed. */
async function hasFocus(
  page: Page,
  role: "button" | "menuitem" | "option",
  name: string | RegExp,
): Promise<void> {
  await page.getByRole(role, { name, exact: true }).and(page.locator(":focus"))
    .waitFor();
}

/** The name of the element that has the focus. */
async function focused(page: Page): Promise<string> {
  return await page.evaluate(`(() => {
    const element = document.activeElement;
    return (element.getAttribute("aria-label") ?? element.innerText).trim().slice(0, 60);
  })()`);
}

async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const passed: string[] = [];
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press("Tab");
    const here = await focused(page);
    if (typeof name === "string" ? here === name : name.test(here)) return;
    passed.push(here);
  }
  deepStrictEqual(passed, name);
}
