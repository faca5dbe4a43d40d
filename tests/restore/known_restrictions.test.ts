import assert from "node:assert/strict";
import {
  applyRestore,
  armRestore,
  KNOWN_RESTRICTIONS,
  planRestore,
} from "../../supabase/functions/_shared/engine/restore/mod.ts";
import { runSql, SHARED_SERVERS, stopServersAtTheEnd } from "../support/postgres.ts";
import { onServer, RestoreStage } from "./stage.ts";

/** SQL for objects that only a superuser can create, in an otherwise ordinary project. */
const SUPERUSERS_OWN = `
  create table things (id int primary key);
  insert into things values (1);
  create function watch() returns event_trigger language plpgsql as $$ begin null; end $$;
  create event trigger watcher on ddl_command_start execute function watch();
  create publication everything for all tables;
  comment on extension plpgsql is 'not ours to say';
`;

Deno.test(
  `nobody is told to ignore errors: what only a superuser may make is left out with its reason, all else comes back${onServer}`,
  SHARED_SERVERS,
  async () => {
    await using stage = await RestoreStage.start();
    const made = await stage.source(18, "select 1");
    await runSql(made.superuserUrl, SUPERUSERS_OWN);
    const point = await stage.backUp({ ...made, url: made.superuserUrl });
    const target = await stage.empty(18);
    const dependencies = stage.dependencies(target);
    const report = await applyRestore(dependencies, await planRestore(dependencies, { point, databaseOnly: true }));
    assert.equal(report.status, "partial");
    const names = (entries: readonly { kind: string; identity: string }[]) =>
      entries.map(({ kind, identity }) => `${kind} ${identity}`);
    assert.deepEqual(names(report.problems), ["publication everything"]);
    assert.ok(report.problems.every(({ reason }) => KNOWN_RESTRICTIONS.some((known) => known.reason === reason)));
    assert.deepEqual(await runSql(target.url, "select id from things"), [{ id: 1 }]);

    const armed = await armRestore(dependencies);
    assert.deepEqual(names(armed.restricted), ["publication everything", "event trigger watcher"]);
    assert.equal(armed.armed, 0, "what was left out is not at work");
    // A second call reports the same and does not try again.
    assert.deepEqual(await armRestore(dependencies), armed);
  },
);

Deno.test("every known restriction says what follows from it", () => {
  for (const { state, kinds, reason } of KNOWN_RESTRICTIONS) {
    assert.match(state, /^[0-9A-Z]{5}$/);
    assert.ok(kinds.length > 0 && reason.length > 30 && reason.endsWith("."), reason);
  }
});

stopServersAtTheEnd();
