import { rejects } from "node:assert/strict";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import { checkSequences } from "../../supabase/functions/_shared/engine/drill/sequence_check.ts";
import { hasCode } from "../../supabase/functions/_shared/engine/errors.ts";
import { freshDatabase, runSql, SHARED_SERVERS, stopServersAtTheEnd } from "../support/postgres.ts";

Deno.test("a sequence that stands behind its rows is named, and one before them passes", SHARED_SERVERS, async () => {
  const { url } = await freshDatabase(18);
  const check = () => checkSequences(createPostgresDatabase({ url }), ["public"], new AbortController().signal);
  await runSql(url, "create table books (id serial primary key); insert into books values (1), (2)");
  await rejects(
    check(),
    (error) => hasCode(error, "drill_sequence_behind") && /public\.books\.id/.test(error.message),
  );
  await runSql(url, "select setval('books_id_seq', 2)");
  await check();
});

stopServersAtTheEnd();
