import { createHash } from "node:crypto";
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { createPostgresDatabase } from "../../supabase/functions/_shared/adapters/postgres/database.ts";
import { hasCode } from "../../supabase/functions/_shared/engine/errors.ts";
import { readBytea } from "../../supabase/functions/_shared/engine/read_bytea.ts";
import { startTestServer } from "../support/test_server.ts";
import { TcpProxy } from "../support/tcp_proxy.ts";
import { eventually } from "../support/eventually.ts";

const options = { applicationName: "test" };
const copyRows = (rows: number, bytes = 1_000) =>
  `copy (select repeat('x', ${bytes}) from generate_series(1, ${rows})) to stdout`;

async function lengthOf(blocks: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0;
  for await (const block of blocks) length += block.length;
  return length;
}

Deno.test("a session over pg keeps its promises", async (test) => {
  const server = await startTestServer();
  const { url, sql } = await server.createProject();
  const database = createPostgresDatabase({ url });
  const waits = async (event: string) =>
    (await sql("select from pg_stat_activity where application_name = 'test' and wait_event = $1", [event])).length > 0;
  const through = (proxy: TcpProxy) => {
    const proxied = new URL(url);
    proxied.port = String(proxy.port);
    return createPostgresDatabase({ url: proxied.href, stallTimeoutMs: 800, queryTimeoutMs: 800 });
  };
  try {
    await test.step("25 copies in a row, with statements between them", async () => {
      const session = await database.connect(options);
      for (let round = 0; round < 25; round++) {
        strictEqual(await lengthOf(session.copyOut(copyRows(500 * (round % 3)))), 1_001 * 500 * (round % 3));
        deepStrictEqual(await session.query("select $1::int8 as n", [round]), [{ n: String(round) }]);
      }
      await session.close();
    });

    await test.step("a slow reader holds the server back and gets every byte in order", async () => {
      const session = await database.connect(options);
      let next = 1;
      let rest = "";
      let isHeldBack = false;
      // More than the buffers of both sides of a connection take.
      for await (const block of session.copyOut("copy (select generate_series(1, 5000000)) to stdout")) {
        isHeldBack ||= await eventually("the server waits until its client reads on", () => waits("ClientWrite"));
        const lines = (rest + new TextDecoder().decode(block)).split("\n");
        rest = lines.pop()!;
        for (const line of lines) {
          if (line !== String(next++)) throw new Error(`${line} stands where ${next - 1} belongs`);
        }
      }
      strictEqual(next, 5_000_001);
      await session.close();
    });

    await test.step("what the server refuses is an error, and the session goes on", async () => {
      const session = await database.connect(options);
      await rejects(
        lengthOf(session.copyOut("copy (select 1 / (5 - g) from generate_series(1, 9) g) to stdout")),
        (error) => hasCode(error, "database_error") && error.subject === "22012",
      );
      strictEqual(await lengthOf(session.copyOut(copyRows(3))), 3_003);
      await session.close();
    });

    await test.step("bytes are read as they are, and where there are none the session goes on", async () => {
      const session = await database.connect(options);
      const noise = "(select string_agg(sha256(g::text::bytea), '') from generate_series(1, 200000) g)";
      const expected = await session.query<{ md5: string; length: number }>(
        `select md5(bytes), length(bytes) from ${noise} as made (bytes)`,
      );
      const bytes = await readBytea(session, noise);
      deepStrictEqual([{ md5: createHash("md5").update(bytes!).digest("hex"), length: bytes!.length }], expected);
      deepStrictEqual(await readBytea(session, "select ''::bytea"), new Uint8Array());
      for (const nothing of ["select null::bytea", "select ''::bytea where false"]) {
        strictEqual(await readBytea(session, nothing), undefined);
        deepStrictEqual(await session.query("select 1 as n"), [{ n: 1 }]);
      }
      await session.close();
    });

    await test.step("a copy that is cut, idle or terminated never simply ends", async () => {
      await using proxy = new TcpProxy(server.postgres.port);
      const session = await through(proxy).connect(options);
      await rejects(async () => {
        for await (const _ of session.copyOut(copyRows(200_000))) proxy.cut();
      }, (error) => hasCode(error, "database_connection_lost"));
      await rejects(session.query("select 1"), (error) => hasCode(error, "database_connection_lost"));
      await session.close();
    });

    await test.step("a network that falls silent is an error after the time-out", async () => {
      await using proxy = new TcpProxy(server.postgres.port);
      const session = await through(proxy).connect(options);
      proxy.fallSilentAfter(3_000_000);
      const startedMs = performance.now();
      await rejects(
        lengthOf(session.copyOut(copyRows(200_000))),
        (error) => hasCode(error, "database_connection_lost"),
      );
      ok(performance.now() - startedMs < 10_000);
      await session.close();

      const other = await through(proxy).connect(options).catch((error) => error);
      ok(hasCode(other, "database_unreachable"));
    });

    await test.step("aborting ends a copy and a statement with the reason given", async () => {
      for (const statement of ["copy", "query"]) {
        const session = await database.connect(options);
        const abort = new AbortController();
        void eventually("the statement is at work", () => waits("PgSleep")).then(() =>
          abort.abort(new Error("enough"))
        );
        await rejects(
          statement === "copy"
            ? lengthOf(
              session.copyOut("copy (select pg_sleep(0.01) from generate_series(1, 3000)) to stdout", abort.signal),
            )
            : session.query("select pg_sleep(30)", [], abort.signal),
          /enough/,
        );
        await session.close();
      }
    });

    await test.step("who refuses and who is not there are told apart, and no password is", async () => {
      const wrong = new URL(url);
      wrong.password = "not-the-password";
      for (
        const [address, code] of [[wrong.href, "database_refused"], [
          "postgres://a:not-the-password@127.0.0.1:1/x",
          "database_unreachable",
        ]]
      ) {
        await rejects(createPostgresDatabase({ url: address }).connect(options), (error) => {
          ok(hasCode(error, code), String(error));
          ok(!`${error.message} ${error.hint}`.includes("not-the-password"));
          return true;
        });
      }
    });
  } finally {
    await server.stop();
  }
});
