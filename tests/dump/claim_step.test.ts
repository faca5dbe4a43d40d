import { rejects } from "node:assert/strict";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import { claimDumpStep } from "../../supabase/functions/_shared/engine/dump/claim_step.ts";
import { importSnapshot } from "../../supabase/functions/_shared/engine/dump/import_snapshot.ts";
import { openSnapshot } from "../../supabase/functions/_shared/engine/dump/snapshot.ts";
import { hasCode } from "../../supabase/functions/_shared/engine/errors.ts";
import { runProject } from "../runs/harness.ts";
import { startTestServer } from "../support/test_server.ts";

Deno.test("a step that cannot be gone on with", async (test) => {
  const server = await startTestServer();
  try {
    await test.step("is refused when its run is unknown or has come further", async () => {
      const { dependencies } = await runProject(server);
      const request = { runId: crypto.randomUUID(), epoch: "1", snapshotId: "00000003-0000001B-1" };
      await rejects(
        claimDumpStep(dependencies, { worker: crypto.randomUUID() }, request, 1_000),
        (error) => hasCode(error, "step_taken"),
      );
    });

    await test.step("is refused once nobody holds its snapshot any more", async () => {
      const { url } = await server.createProject("create table shelf (id int)");
      const database = createPostgresDatabase({ url });
      const scope = { schemas: ["public"], excludedTables: [], excludedColumns: [] };
      const { session, snapshotId, catalogue } = await openSnapshot(database, scope, 1_000);
      const taken = await importSnapshot(database, snapshotId, catalogue.tables, 1_000);
      await session.close();
      await taken.session.close();
      await rejects(
        importSnapshot(database, snapshotId, catalogue.tables, 1_000),
        (error) => hasCode(error, "snapshot_lost"),
      );
    });
  } finally {
    await server.stop();
  }
});
