import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import { beginMediaRun } from "../../supabase/functions/_shared/engine/backup/media_run.ts";
import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import type { Database } from "../../supabase/functions/_shared/engine/database.ts";
import type { RunRequest } from "../../supabase/functions/_shared/engine/run/run.ts";
import {
  type LeasedRun,
  type RunDependencies,
  type RunTiming,
  type StartRequest,
  startRun,
} from "../../supabase/functions/_shared/engine/run/run_store.ts";
import { migrate } from "../support/migrations.ts";
import { startTestServer, type TestProject, type TestServer } from "../support/test_server.ts";

/** A fortieth of the real times, so that their proportions are the real ones. */
export const FAST: RunTiming = { leaseMs: 1_500, heartbeatMs: 250, progressMs: 50, answerMs: 600, settleMs: 3_000 };

export const DATABASE_RUN: StartRequest = { kind: "database", project: "sample", trigger: "manual" };
export const MEDIA_RUN: RunRequest = { kind: "media", project: "sample", trigger: "api" };

/** Begins a run of any kind as its hosts do. */
export async function beginRunOfKind(dependencies: RunDependencies, request: RunRequest): Promise<LeasedRun> {
  const { kind, ...rest } = request;
  return kind === "media"
    ? (await beginMediaRun(dependencies, rest)).run
    : await startRun(dependencies, { ...rest, kind });
}

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
