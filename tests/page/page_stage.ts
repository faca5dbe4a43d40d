import { AxeBuilder } from "@axe-core/playwright";
import { deepStrictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { type RunningStack, startStack } from "../../local/stack.ts";
import type { StackDetails } from "../../local/stack_details.ts";
import { FaultyProxy } from "../support/faulty_proxy.ts";
import { chromiumPath, launchChromium, signIn } from "./chromium.ts";
import { type PageServer, servePage } from "./page_server.ts";

const repository = fileURLToPath(new URL("../../", import.meta.url));

/** The built page before the local stack, its S3 behind a proxy that can misbehave, and a browser. */
export class PageStage implements AsyncDisposable {
  private constructor(
    readonly stack: RunningStack,
    readonly s3: FaultyProxy,
    readonly server: PageServer,
    readonly browser: Browser,
    readonly folder: string,
  ) {}

  get details(): StackDetails {
    return this.stack.details;
  }

  /** Where the history is. */
  get url(): string {
    return `${this.server.origin}/backup-history`;
  }

  static async start(
    intercept?: (path: string) => Response | null,
  ): Promise<PageStage> {
    const folder = await Deno.makeTempDir({ prefix: "lifeboat-page-" });
    // PostgreSQL runs as another user when the tests run as root.
    await Deno.chmod(folder, 0o755);
    await buildPage(`${folder}/dist`);
    let s3Url = "";
    const s3 = new FaultyProxy(() => s3Url);
    const stack = await startStack({
      portBase: null,
      dataDir: `${folder}/stack`,
      functionEnv: (details) => {
        s3Url = details.s3Endpoint;
        return { S3_ENDPOINT: s3.url };
      },
    });
    const server = servePage({
      folder: `${folder}/dist`,
      apiUrl: stack.details.apiUrl,
      publishableKey: stack.details.publishableKey,
      intercept,
    });
    return new PageStage(stack, s3, server, await launchChromium(), folder);
  }

  /** A page of its own session, at the sign-in form. */
  async openPage(
    options: BrowserContextOptions = {},
    path = "",
  ): Promise<Page> {
    const context = await this.browser.newContext({
      viewport: { width: 1280, height: 900 },
      ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(this.url + path);
    return page;
  }

  /** A page on which the admin of the sample project is signed in. */
  async openAsAdmin(
    options: BrowserContextOptions = {},
    path = "",
  ): Promise<Page> {
    const page = await this.openPage(options, path);
    await signIn(page, {
      email: this.details.adminEmail,
      password: this.details.adminPassword,
    });
    await page.getByRole("navigation", { name: "Main" }).waitFor();
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    await this.stack.stop();
    await this.s3[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Builds the page as `npm run build` does, without the two variables: it reads config.json. */
export async function buildPage(folder: string): Promise<void> {
  const { code, stderr } = await new Deno.Command("node", {
    args: [
      "node_modules/vite/bin/vite.js",
      "build",
      "--logLevel",
      "error",
      "--outDir",
      folder,
      "--emptyOutDir",
    ],
    cwd: repository,
    env: { VITE_SUPABASE_URL: "", VITE_SUPABASE_PUBLISHABLE_KEY: "" },
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
}

/** A test that needs a browser: skipped, and said to be, where there is none; but not in CI. */
export function browserTest(name: string, test: () => Promise<void>): void {
  const skipped = chromiumPath === null && Deno.env.get("CI") !== "true";
  Deno.test({
    name: skipped ? `${name} (skipped: no Chromium; apt-get install chromium)` : name,
    ignore: skipped,
    // The stage lives as long as the file.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: test,
  });
}

/** Starts the stage before the first browser test of the file and stops it after the last. */
export function stageOfFile(
  intercept?: (path: string) => Response | null,
): () => PageStage {
  let stage: PageStage | undefined;
  if (chromiumPath !== null || Deno.env.get("CI") === "true") {
    Deno.test.beforeAll(async () => {
      stage = await PageStage.start(intercept);
    });
    Deno.test.afterAll(async () => await stage?.[Symbol.asyncDispose]());
  }
  return () => stage!;
}

/** Half-faded text has half its contrast. What spins for ever is not waited for. */
const animationsEnded = `Promise.all(document.getAnimations()
  .filter((animation) => animation.effect.getComputedTiming().endTime !== Infinity)
  .map((animation) => animation.finished.catch(() => {})))`;

/** Fails when axe finds anything that keeps people out, on the page as it stands. `exceptions` are rules of axe. */
export async function assertAccessible(
  page: Page,
  exceptions: string[] = [],
): Promise<void> {
  await page.evaluate(animationsEnded);
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];
  const { violations } = await new AxeBuilder({ page }).withTags(tags)
    .disableRules(exceptions).analyze();
  deepStrictEqual(
    violations.map((
      { id, nodes },
    ) => [id, nodes.map(({ html, failureSummary }) => [html, failureSummary])]),
    [],
  );
}
