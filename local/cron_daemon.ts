import { Cron } from "croner";
import pg from "pg";
import { withClient } from "./with_client.ts";

export interface CronDaemonOptions {
  /** Connection string of the superuser. */
  readonly databaseUrl: string;
  /** Connection string of the role `postgres`, as which jobs run. */
  readonly jobUrl: string;
  readonly onLine?: (line: string) => void;
}

export interface CronDaemon {
  stop(): Promise<void>;
}

interface Job {
  readonly jobid: string;
  readonly jobname: string | null;
  readonly schedule: string;
  readonly command: string;
}

interface QueuedRequest {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly timeout_milliseconds: number;
}

/** Does the work of pg_cron and pg_net: runs due jobs, sends queued requests and records the answers. */
export async function startCronDaemon(options: CronDaemonOptions): Promise<CronDaemon> {
  const say = options.onLine ?? (() => {});
  const client = new pg.Client({ connectionString: options.databaseUrl, application_name: "local cron" });
  await client.connect();
  // Without a listener a lost connection would end this process. The next tick reports it.
  client.on("error", () => {});

  const stopping = new AbortController();
  const working = new Set<Promise<void>>();
  const track = (work: Promise<void>) => {
    const settled = work.catch((error) => say(String(error))).then(() => {
      working.delete(settled);
    });
    working.add(settled);
  };

  let since = new Date();
  const tick = async () => {
    const now = new Date();
    const jobs = await client.query<Job>("select jobid, jobname, schedule, command from cron.job where active");
    for (const job of jobs.rows) if (isDue(job.schedule, since, now)) track(runJob(job, options.jobUrl, say));
    since = now;
    const queued = await client.query<QueuedRequest>("delete from net.http_request_queue returning *");
    for (const request of queued.rows) track(send(request, options.databaseUrl, stopping.signal, say));
  };
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      await tick();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 250);
        stopping.signal.addEventListener("abort", () => {
          clearTimeout(timer);
          resolve();
        }, { once: true });
      });
    }
  })().catch((error) => {
    if (!stopping.signal.aborted) say(`stopped: ${error instanceof Error ? error.message : error}`);
  });

  return {
    async stop() {
      stopping.abort();
      await loop;
      await Promise.all(working);
      await client.end();
    },
  };
}

/** True when `schedule` (five fields in UTC, or `N seconds`) fires after `since` and not after `now`. */
export function isDue(schedule: string, since: Date, now: Date): boolean {
  const seconds = /^(\d+) seconds?$/.exec(schedule.trim());
  if (seconds !== null) {
    const step = Number(seconds[1]) * 1000;
    return Math.floor(now.getTime() / step) > Math.floor(since.getTime() / step);
  }
  const next = new Cron(schedule, { timezone: "UTC", mode: "5-part" }).nextRun(since);
  return next !== null && next <= now;
}

async function runJob(job: Job, databaseUrl: string, say: (line: string) => void): Promise<void> {
  say(`runs ${job.jobname ?? job.jobid}`);
  await withClient(databaseUrl, async (client) => {
    const started = await client.query<{ runid: string }>(
      `insert into cron.job_run_details (jobid, job_pid, database, username, command, status, start_time)
       values ($1, pg_backend_pid(), current_database(), current_user, $2, 'running', clock_timestamp()) returning runid`,
      [job.jobid, job.command],
    );
    const [status, message] = await client.query(job.command).then(
      (result) => ["succeeded", `${result.rowCount ?? 0} row`],
      (error: Error) => ["failed", error.message],
    );
    if (status === "failed") say(`${job.jobname ?? job.jobid} failed: ${message}`);
    await client.query(
      "update cron.job_run_details set status = $2, return_message = $3, end_time = clock_timestamp() where runid = $1",
      [started.rows[0].runid, status, message],
    );
  });
}

async function send(
  request: QueuedRequest,
  databaseUrl: string,
  stopping: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  const timeout = AbortSignal.timeout(request.timeout_milliseconds);
  let answer: unknown[];
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      body: new Uint8Array(request.body),
      signal: AbortSignal.any([timeout, stopping]),
    });
    const content = await response.text();
    const headers = JSON.stringify(Object.fromEntries(response.headers));
    answer = [response.status, response.headers.get("content-type"), headers, content, false, null];
    say(`${request.method} ${request.url} answered ${response.status}`);
  } catch (error) {
    if (stopping.aborted) return;
    answer = [null, null, null, null, timeout.aborted, error instanceof Error ? error.message : String(error)];
    say(`${request.method} ${request.url} failed: ${answer[5]}`);
  }
  await withClient(databaseUrl, (client) =>
    client.query(
      `insert into net._http_response (id, status_code, content_type, headers, content, timed_out, error_msg)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [request.id, ...answer],
    ));
}
