import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import type { Database } from "../../supabase/functions/_shared/engine/database.ts";
import type { RunRequest } from "../../supabase/functions/_shared/engine/run/run.ts";
import type { RunDependencies, RunTiming } from "../../supabase/functions/_shared/engine/run/run_store.ts";
import { migrate } from "../support/migrations.ts";
import { startTestServer, type TestProject, type TestServer } from "../support/test_server.ts";

/** The real proportions, forty times as fast. */
export const FAST: RunTiming = { leaseMs: 1_500, heartbeatMs: 250, progressMs: 50, answerMs: 600, settleMs: 3_000 };

export const DATABASE_RUN: RunRequest = { kind: "database", project: "sample", trigger: "manual" };
export const MEDIA_RUN: RunRequest = { kind: "media", project: "sample", trigger: "api" };

export interface RunProject extends TestProject {
  readonly database: Database;
  readonly dependencies: RunDependencies;
}

/** Gives each test a migrated project of its own on one server that ends with the tests. */
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
