import { withClient } from "../local/with_client.ts";
import type { Stage } from "./stage.ts";

/** Starts a run by the function's HTTP interface, as cron does; returns the run's id. */
export async function callFunction(stage: Stage, name: string, body: object = {}): Promise<string> {
  const { functionsUrl, secretKey } = stage.stack.details;
  const response = await fetch(`${functionsUrl}/${name}`, {
    method: "POST",
    headers: { apikey: secretKey, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${name} answered ${response.status}: ${answer}`);
  return JSON.parse(answer).runId;
}

/** The run's row once it has ended well. Throws with what it says when it has not. */
export async function settledRun(stage: Stage, id: string): Promise<Record<string, unknown>> {
  return await withClient(stage.superuserUrl, async (client) => {
    while (true) {
      const { rows: [row] } = await client.query("select * from public.backup_history where id = $1", [id]);
      if (row.status === "success") return row;
      if (row.status !== "running") {
        throw new Error(`the run ended as ${row.status}: ${row.error_code} ${row.error_message}`);
      }
      await pause();
    }
  });
}

/** Waits until no run is at work: a backup of the database starts one of the files. */
export async function nothingRuns(stage: Stage): Promise<void> {
  const running = "select 1 from public.backup_history where status = 'running'";
  while ((await stage.sql(running)).length > 0) await pause();
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 100));
}
