import { composeChain } from "../compose/chain.ts";
import { composeDatabaseBackup } from "../compose/database_backup.ts";
import { type DatabaseBackupBody, databaseBackupBody } from "../contract/requests.ts";
import type { EdgeHost } from "./host.ts";
import { beginDatabaseBackup, continueDatabaseBackup } from "../engine/backup/run_database_backup.ts";
import { claimDumpStep } from "../engine/dump/claim_step.ts";
import { startRun } from "../engine/run/run_store.ts";
import { type BackupEndpoint, notForAdmins } from "../http/backup_endpoint.ts";

/** `database-backup`: begins a dump, or goes on with a dump that an earlier invocation began. */
export function createDatabaseBackup(host: EdgeHost): BackupEndpoint<DatabaseBackupBody> {
  return {
    body: databaseBackupBody,
    access: host.access,
    async begin(body, caller, trigger) {
      if (!body.continue) {
        const run = await host.begin(
          body,
          caller,
          trigger,
          (dependencies, request) => startRun(dependencies, { ...request, kind: "database" }),
        );
        const { settings } = composeDatabaseBackup(host.composition());
        return {
          run,
          complete: (shutDown) => beginDatabaseBackup(composeChain(host.composition()), settings, run, shutDown),
        };
      }
      if (caller.kind !== "service") throw notForAdmins("goes on with a dump");
      const dependencies = composeChain(host.composition());
      const { lockTimeoutMs } = composeDatabaseBackup(host.composition()).settings;
      const step = await claimDumpStep(dependencies, dependencies.chain!(), body.continue, lockTimeoutMs);
      return { run: step.run, complete: (shutDown) => continueDatabaseBackup(dependencies, step, shutDown) };
    },
  };
}
