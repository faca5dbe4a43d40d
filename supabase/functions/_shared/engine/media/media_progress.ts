import type { Session } from "../database.ts";
import type { Run } from "../run/run.ts";
import type { QueueProgress } from "./copy_queue.ts";

/** Counts on from what the point has already, so that a continued run does not start at nought. */
export async function createMediaProgress(session: Session, run: Run): Promise<QueueProgress> {
  const [row] = await session.query<Record<"total" | "total_bytes" | "done" | "done_bytes", string>>(
    `select count(*) as total, coalesce(sum(size_bytes), 0) as total_bytes,
        count(*) filter (where status in ('stored', 'linked', 'skipped')) as done,
        coalesce(sum(stored_bytes) filter (where status in ('stored', 'linked')), 0) as done_bytes
      from lifeboat.media_items where recovery_point = $1`,
    [run.recoveryPoint],
    run.signal,
  );
  let filesDone = Number(row.done);
  let bytesDone = Number(row.done_bytes);
  const report = () =>
    run.report({
      phase: "files",
      filesDone,
      filesTotal: Number(row.total),
      bytesDone,
      bytesTotal: Number(row.total_bytes),
    });
  report();
  return {
    copied(_item, sizeBytes) {
      filesDone++;
      bytesDone += sizeBytes;
      report();
    },
    skipped() {
      filesDone++;
      report();
    },
  };
}
