import { AxeBuilder } from "@axe-core/playwright";
import { deepStrictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { QueryResult } from "pg";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { type RunningStack, startStack } from "../../local/stack.ts";
import type { StackDetails } from "../../local/stack_details.ts";
import { withClient } from "../../local/with_client.ts";
import { FaultyProxy } from "../support/faulty_proxy.ts";
import { eventually } from "../support/eventually.ts";
import { chromiumPath, launchChromium, signIn } from "./chromium.ts";
import { type PageServer, servePage } from "./page_server.ts";

const repository = fileURLToPath(new URL("../../", import.meta.url));

/** Greatest wait for anything on the page. It is long, because CI is slow; when all is well, nobody waits for it. */
const DEADLINE_MS = 60_000;

export interface PageStageOptions {
  /** When true, functions compare their R2 inventory with the backup bucket, which has none of those files. */
  readonly r2?: boolean;
}

/** The built page before the local stack, its S3 behind a proxy that can misbehave, and a browser. */
export class PageStage implements AsyncDisposable {
  /** Beginnings of API paths that are answered with 503 for now. */
  readonly broken: Set<string> = new Set();
  #admin?: Promise<BrowserContext>;

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

  static async start(options: PageStageOptions = {}): Promise<PageStage> {
    const folder = await Deno.makeTempDir({ prefix: "lifeboat-page-" });
    // PostgreSQL runs as another user when the tests run as root.
    await Deno.chmod(folder, 0o755);
    let s3Url = "";
    const s3 = new FaultyProxy(() => s3Url);
    const [stack, browser] = await Promise.all([
      startStack({
        portBase: null,
        dataDir: `${folder}/stack`,
        postgresSettings: { fsync: "off" },
        functionEnv: (details) => {
          s3Url = details.s3Endpoint;
          return { S3_ENDPOINT: s3.url, ...options.r2 && r2Of(details) };
        },
      }),
      launchChromium(),
      buildPage(`${folder}/dist`),
    ]);
    const server = servePage({
      folder: `${folder}/dist`,
      apiUrl: stack.details.apiUrl,
      publishableKey: stack.details.publishableKey,
      intercept: (path) => [...stage.broken].some((start) => path.startsWith(start)) ? outage() : null,
    });
    const stage = new PageStage(stack, s3, server, browser, folder);
    return stage;
  }

  /** A page of its own session, at the sign-in form. */
  async openPage(options: BrowserContextOptions = {}, path = ""): Promise<Page> {
    return await this.#open(await this.#context(options), path);
  }

  /** A page on which the admin of the sample project is signed in; with options, in a browser profile of its own. */
  async openAsAdmin(options?: BrowserContextOptions, path = ""): Promise<Page> {
    const admin = await (this.#admin ??= this.#signedIn());
    const context = options === undefined
      ? admin
      : await this.#context({ ...options, storageState: await admin.storageState() });
    const page = await this.#open(context, path);
    await page.getByRole("navigation", { name: "Main" }).waitFor();
    return page;
  }

  /** Lets everything work again and waits until nothing runs any more, the media run that follows a dump included. */
  async settle(): Promise<void> {
    this.broken.clear();
    this.s3.disarm();
    await eventually("no run is at work", async () => {
      const { rowCount } = await this.sql(`
        select from public.backup_history where status = 'running'
        union all
        select from lifeboat.recovery_points p join public.backup_history d on d.id = p.database_run
        where d.status = 'success' and p.media_run is null`);
      return rowCount === 0;
    }, DEADLINE_MS * 2);
  }

  async sql(text: string): Promise<QueryResult> {
    return await withClient(this.details.dbUrl, (client) => client.query(text));
  }

  async #context(options: BrowserContextOptions): Promise<BrowserContext> {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    context.setDefaultTimeout(DEADLINE_MS);
    return context;
  }

  async #open(context: BrowserContext, path: string): Promise<Page> {
    const page = await context.newPage();
    await page.goto(this.url + path);
    return page;
  }

  async #signedIn(): Promise<BrowserContext> {
    const context = await this.#context({});
    await using page = await this.#open(context, "");
    await signIn(page, { email: this.details.adminEmail, password: this.details.adminPassword });
    await page.getByRole("navigation", { name: "Main" }).waitFor();
    return context;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    await this.stack.stop();
    await this.s3[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}

function r2Of({ s3Endpoint, s3Bucket, s3AccessKeyId, s3SecretAccessKey }: StackDetails): Record<string, string> {
  return {
    R2_ENDPOINT: s3Endpoint,
    R2_BUCKET: s3Bucket,
    R2_ACCESS_KEY_ID: s3AccessKeyId,
    R2_SECRET_ACCESS_KEY: s3SecretAccessKey,
  };
}

function outage(): Response {
  return Response.json({ code: "sample_outage", message: "Sample of an outage.", hint: "Wait." }, { status: 503 });
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

/** A test that needs a browser. Without one it is skipped, with the reason in its name; in CI that is a failure. */
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

/** Starts the stage before the first browser test of the file, settles it after each, and stops it after the last. */
export function stageOfFile(options?: PageStageOptions): () => PageStage {
  let stage: PageStage | undefined;
  if (chromiumPath !== null || Deno.env.get("CI") === "true") {
    Deno.test.beforeAll(async () => {
      stage = await PageStage.start(options);
    });
    Deno.test.afterEach(async () => await stage?.settle());
    Deno.test.afterAll(async () => await stage?.[Symbol.asyncDispose]());
  }
  return () => stage!;
}

/**
 * Waits for animations, because text that is still fading in has too little contrast. Endless ones are not waited for.
 */
const ANIMATIONS_ENDED = `Promise.all(document.getAnimations()
  .filter((animation) => animation.effect.getComputedTiming().endTime !== Infinity)
  .map((animation) => animation.finished.catch(() => {})))`;

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];

/** Fails when axe finds anything that keeps people out, on the page as it stands. `exceptions` are rules of axe. */
export async function assertAccessible(page: Page, exceptions: string[] = []): Promise<void> {
  await page.evaluate(ANIMATIONS_ENDED);
  // "Legacy" saves a browser tab for each call, which only pages with frames need.
  const axe = new AxeBuilder({ page }).options({ resultTypes: ["violations"] }).withTags(RULES).setLegacyMode();
  const { violations } = await axe.disableRules(exceptions).analyze();
  deepStrictEqual(
    violations.map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) => [html, failureSummary])]),
    [],
  );
}
