import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import type { Database } from "../../supabase/functions/_shared/engine/database.ts";
import type { RunRequest } from "../../supabase/functions/_shared/engine/run/run.ts";
import type { RunDependencies, RunTiming } from "../../supabase/functions/_shared/engine/run/run_store.ts";
import { migrate } from "../support/migrations.ts";
import { startTestServer, type TestProject, type TestServer } from "../support/test_server.ts";

/** A fortieth of the real times, so that their proportions are the real ones. */
export const FAST: RunTiming = { leaseMs: 1_500, heartbeatMs: 250, progressMs: 50, answerMs: 600, settleMs: 3_000 };

export const DATABASE_RUN: RunRequest = { kind: "database", project: "sample", trigger: "manual" };
export const MEDIA_RUN: RunRequest = { kind: "media", project: "sample", trigger: "api" };

export interface RunProject extends TestProject {
  readonly database: Database;
  readonly dependencies: RunDependencies;
}

/** Runs each test with a migrated project of its own. The projects share a server, which ends with the tests. */
export async function withProjects(
  test: Deno.TestContext,
  tests: Record<string, (project: RunProject) => Promise<void>>,
  binDir?: string,
): Promise<void> {
  const server = await startTestServer({ binDir });
  try {
    for (const [name, run] of Object.entries(tests)) {
      await test.step(name, async () => await run(await runProject(server)));
    }
  } finally {
    await server.stop();
  }
}

export async function runProject(server: TestServer): Promise<RunProject> {
  const project = await server.createProject();
  await migrate(project.url);
  const database = createPostgresDatabase({ url: project.url, stallTimeoutMs: 5_000 });
  return { ...project, database, dependencies: { database, clock: systemClock, timing: FAST } };
}

/** Waits for a condition, at most five seconds. */
export async function eventually(condition: () => Promise<boolean> | boolean): Promise<void> {
  const startedMs = Date.now();
  while (!await condition()) {
    if (Date.now() - startedMs > 5_000) throw new Error("waited 5 s in vain");
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
