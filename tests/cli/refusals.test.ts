import { rejects, throws } from "node:assert/strict";
import { ownCheck } from "../../cli/own_check.ts";
import { readRestoreTarget } from "../../cli/restore_target.ts";
import { readEnvironment } from "../../cli/settings.ts";
import { hasCode } from "../../supabase/functions/_shared/engine/errors.ts";

Deno.test("a command that is called in a way that it does not take says usage_invalid", async () => {
  throws(() => readRestoreTarget({}, true), (error) => hasCode(error, "usage_invalid"));
  throws(
    () => readRestoreTarget({ RESTORE_TARGET_URL: "https://a.example" }, false),
    (error) => hasCode(error, "usage_invalid"),
  );
  await rejects(readEnvironment({ envFile: "/nowhere/.env" }, {}), (error) => hasCode(error, "usage_invalid"));
});

Deno.test("a drill's own check passes with exit code 0 and tells what it said otherwise", async () => {
  const { signal } = new AbortController();
  const run = (command: string) =>
    ownCheck(command, "postgres://localhost/postgres").run({ name: "restored" } as never, signal);
  await run('test "$RESTORED_DB_URL" = postgres://localhost/restored');
  await rejects(
    async () => await run("echo nobody can sign in; exit 3"),
    (error) => hasCode(error, "drill_check_failed") && /exit code 3. nobody can sign in/.test(error.message),
  );
});
