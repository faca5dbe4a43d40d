import { withClient } from "../local/with_client.ts";
import type { Stage } from "./stage.ts";

/** Starts a run over HTTP, as cron does, and returns its id. */
export async function callEdgeFunction(stage: Stage, name: string, body: object = {}): Promise<string> {
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

/** Waits for the end of a run and returns its row. Throws the row's error unless the run succeeded. */
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

/** Waits until no run is active, since a backup of the database starts one of the files. */
export async function nothingRuns(stage: Stage): Promise<void> {
  const running = "select 1 from public.backup_history where status = 'running'";
  while ((await stage.sql(running)).length > 0) await pause();
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 100));
}
