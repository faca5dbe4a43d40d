import type { StackS3 } from "../../local/stack.ts";
import type { WorkerRecord } from "../../local/worker_record.ts";
import { LiveProject } from "../support/live_project.ts";

/**
 * Starts a project whose dump takes several calls. Each call gets a process of its own, since the first CPU retires it.
 */
export async function startManyProcesses(s3: StackS3): Promise<LiveProject> {
  const project = await LiveProject.start({
    s3,
    environment: { BACKUP_STEP_MIB: "3" },
    limits: { cpuSoftMs: 1 },
  });
  await project.sql(`create table public.ballast as
    select g as id, md5(g::text) as noise, repeat('line ' || g % 100 || ' ', 8) as note from generate_series(1, 50000) g`);
  return project;
}

/** The workers that are at a dump, the oldest first. */
export function livingDumpers(project: LiveProject): WorkerRecord[] {
  return project.stack.workers().filter(({ functionName, ended }) =>
    functionName === "database-backup" && ended === null
  );
}
