import { functionEnvironment } from "../../local/stack_details.ts";
import type { DumpManifest } from "../../supabase/functions/_shared/contract/mod.ts";
import { readManifest } from "../../supabase/functions/_shared/engine/points/mod.ts";
import type { LiveProject } from "../support/live_project.ts";
import { jsonOf, lifeboat, type Said } from "./command.ts";

/** Runs the command on a live project, always with `--json`, and keeps its output. */
export class CommandStage {
  readonly said: Said[] = [];
  /** The first complete recovery point that the command made. */
  point: string | undefined;

  constructor(readonly project: LiveProject) {}

  get env(): Record<string, string> {
    return { ...functionEnvironment(this.project.details), LIFEBOAT_UNRELATED_SETTING: "set" };
  }

  get bucketOnly(): Record<string, string> {
    return Object.fromEntries(Object.entries(this.env).filter(([name]) => /^(AWS|S3)_/.test(name)));
  }

  run(...args: string[]): Promise<Said> {
    return this.runWith(this.env, ...args);
  }

  async runWith(env: Record<string, string>, ...args: string[]): Promise<Said> {
    const said = await lifeboat([...args, "--json"], env);
    this.said.push(said);
    if (args[0] === "backup" && said.code === 0) this.point ??= jsonOf(said).recoveryPoint;
    return said;
  }

  manifest(point: string): Promise<DumpManifest> {
    return readManifest(this.project.bucket, "collabhunts", point).then(({ manifest }) => manifest);
  }

  async holdLease(kind: string): Promise<string> {
    const request = { kind, project: "collabhunts", trigger: "api" };
    const [{ answer }] = await this.project.sql<{ answer: { run: { id: string } } }>(
      "select lifeboat.start_run($1, 600000) as answer",
      [JSON.stringify(request)],
    );
    return answer.run.id;
  }

  async freeLease(run: string): Promise<void> {
    await this.project.sql("update lifeboat.leases set expires_at = now() where run_id = $1", [run]);
    await this.project.sql("select lifeboat.close_abandoned_runs()");
  }

  async put(key: string, content: string | Uint8Array<ArrayBuffer>): Promise<void> {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await this.project.bucket.put(key, bytes, { contentType: "application/octet-stream" });
  }
}
