import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { createHmac } from "node:crypto";
import { JWT_SECRET } from "../../local/keys.ts";
import { CREATOR } from "../../local/sample/people.ts";
import { withClient } from "../../local/with_client.ts";
import { errorBody } from "../../supabase/functions/_shared/contract/mod.ts";
import { eventually } from "../support/eventually.ts";
import { type Answer, type FunctionName, LiveProject } from "../support/live_project.ts";
import { assertNoSecrets } from "../support/no_secrets.ts";

const FUNCTIONS: FunctionName[] = ["database-backup", "backup-media", "backup-maintenance"];

Deno.test("who may call, with what", { sanitizeOps: false, sanitizeResources: false }, async (test) => {
  await using project = await LiveProject.start();
  const { secretKey, publishableKey } = project.details;
  const admin = await project.adminToken();
  const bearer = (token: string) => ({ apikey: publishableKey, authorization: `Bearer ${token}` });

  const nowSeconds = Math.floor(Date.now() / 1000);

  const refused: [string, Record<string, string>, number, string][] = [
    ["no key", {}, 401, "not_authenticated"],
    ["a wrong key", { apikey: `${secretKey}x` }, 401, "not_authenticated"],
    ["an empty key", { apikey: "" }, 401, "not_authenticated"],
    ["the publishable key", { apikey: publishableKey }, 401, "not_authenticated"],
    ["the publishable key twice", bearer(publishableKey), 401, "not_authenticated"],
    ["the secret key as a bearer token", { authorization: `Bearer ${secretKey}` }, 401, "not_authenticated"],
    ["a token that is none", bearer("garbage"), 401, "invalid_token"],
    ["an admin's token with another signature", bearer(admin.replace(/[^.]+$/, "A".repeat(43))), 401, "invalid_token"],
    ["an admin's token without a signature", bearer(unsigned(admin)), 401, "invalid_token"],
    ["an admin's token that has expired", bearer(livingUntil(admin, nowSeconds - 60)), 401, "invalid_token"],
    ["somebody who is signed in and no admin", bearer(await project.signIn(CREATOR)), 403, "not_admin"],
  ];
  for (const [who, headers, status, code] of refused) {
    await test.step(`${who}: ${status}, by each function`, async () => {
      for (const name of FUNCTIONS) assertError(await project.call(name, {}, headers), status, code);
    });
  }

  await test.step("a body is not looked at before the caller is known", async () => {
    assertError(await project.call("database-backup", "x".repeat(100_000), {}), 401, "not_authenticated");
  });

  await test.step("GET and other methods are refused, a preflight is answered", async () => {
    for (const name of FUNCTIONS) {
      for (const method of ["GET", "PUT", "DELETE"]) {
        const answer = await project.request(name, { method, headers: { apikey: secretKey } });
        assertError(answer, 405, "method_not_allowed");
        strictEqual(answer.headers.get("allow"), "POST, OPTIONS");
      }
      const preflight = await project.request(name, {
        method: "OPTIONS",
        headers: { origin: "https://app.example.com", "access-control-request-method": "POST" },
      });
      strictEqual(preflight.status, 204);
      strictEqual(preflight.headers.get("access-control-allow-origin"), "*");
      match(preflight.headers.get("access-control-allow-headers")!, /authorization.*apikey/);
    }
  });

  const bodies: [string, BodyInit, number, string, RegExp][] = [
    ["text that is not JSON", "{wait:", 400, "bad_request", /not valid JSON/],
    ["bytes that are not UTF-8", new Uint8Array([0x7b, 0xff, 0x7d]), 400, "bad_request", /UTF-8/],
    ["a list", "[]", 400, "bad_request", /object/],
    ["null", "null", 400, "bad_request", /object/],
    ["fields of wrong types", '{"wait":"yes","pinned":1}', 400, "bad_request", /(?=.*wait: )(?=.*pinned: )/],
    ["unknown fields", '{"bucket":"other"}', 400, "bad_request", /bucket/],
    ["a trigger that there is not", '{"trigger":"fate"}', 400, "bad_request", /trigger/],
    ["a label that is too long", JSON.stringify({ label: "x".repeat(201) }), 400, "bad_request", /label/],
    ["JSON of great depth", "[".repeat(30_000), 400, "bad_request", /./],
    ["more than 64 KiB", JSON.stringify({ label: "x".repeat(70_000) }), 413, "body_too_large", /64 KiB/],
  ];
  await test.step("bodies that are malformed or huge are refused with what is wrong", async () => {
    for (const [what, body, status, code, says] of bodies) {
      const answer = await project.request("database-backup", { method: "POST", headers: { apikey: secretKey }, body });
      assertError(answer, status, code);
      match(answer.body.message, says, what);
      ok(answer.body.message.length < 6_000, what);
    }
    const point = await project.call("backup-media", { point: "../../etc" });
    assertError(point, 400, "bad_request");
    assertError(await project.call("database-backup", { point: "2026-01-01T00-00-00Z" }), 400, "bad_request");
    const unknown = await project.call("backup-media", { point: "2020-01-01T00-00-00Z" });
    assertError(unknown, 404, "recovery_point_unknown");
    const join = { runId: crypto.randomUUID(), worker: crypto.randomUUID() };
    assertError(await project.call("backup-media", { join }), 409, "worker_not_needed");
    assertError(await project.call("backup-media", { join }, bearer(admin)), 400, "bad_request");
  });

  await test.step("ten megabytes are not read to their end, and harm nobody", async () => {
    const body = new Uint8Array(10_000_000);
    const refusal = project.request("database-backup", { method: "POST", headers: { apikey: secretKey }, body });
    // The answer comes while the body is still sent. Caller or gateway may find the connection closed before they read
    // it.
    await refusal.then((answer) => answer.status === 502 || assertError(answer, 413, "body_too_large"), (error) => {
      if (!(error instanceof TypeError)) throw error;
    });
    assertError(await project.call("database-backup", {}, {}), 401, "not_authenticated");
  });

  await test.step("none of that left a run, an email or a ping", async () => {
    deepStrictEqual(await project.history(), []);
    deepStrictEqual([project.stack.mailbox.messages.length, project.stack.mailbox.pings.length], [0, 0]);
  });

  await test.step("of two triggers at once one runs, and the other is told its id", async () => {
    await withClient(project.details.dbUrl, async (client) => {
      // The dump waits for this lock, so that the run is still at work when the other calls come.
      await client.query("begin; lock table public.profiles in access exclusive mode");
      const answers = await Promise.all([
        project.call("database-backup", { trigger: "cron" }),
        project.call("database-backup", { trigger: "cron" }),
        project.call("database-backup", { wait: true }, bearer(admin)),
      ]);
      const [started, ...others] = answers.sort((a, b) => a.status - b.status);
      strictEqual(started.status, 202);
      strictEqual(started.body.status, "running");
      for (const other of others) {
        assertError(other, 409, "already_running");
        strictEqual(other.body.runId, started.body.runId);
      }
      await client.query("commit");
      strictEqual((await project.newestPointSettled()).database.id, started.body.runId);
    });
    deepStrictEqual((await project.history()).map(({ kind, status }) => [kind, status]), [
      ["database", "success"],
      ["media", "success"],
    ]);
    strictEqual(project.stack.mailbox.messages.length, 1);
  });

  await test.step("an admin starts a manual run that carries their name and label, and waits for it", async () => {
    const body = { wait: true, label: "before migration", pinned: true, trigger: "cron" };
    const answer = await project.call("database-backup", body, bearer(admin));
    deepStrictEqual([answer.status, answer.body.status, answer.body.errorCode], [200, "success", null]);
    strictEqual(answer.headers.get("access-control-allow-origin"), "*");
    strictEqual(answer.headers.get("cache-control"), "no-store");
    const { database, media } = await project.newestPointSettled();
    strictEqual(database.id, answer.body.runId);
    const [{ id }] = await project.sql<{ id: string }>("select id from auth.users where email = $1", [
      project.details.adminEmail,
    ]);
    for (const run of [database, media]) {
      deepStrictEqual(
        [run.trigger, run.triggered_by, run.label, run.pinned],
        ["manual", id, "before migration", true],
        run.kind,
      );
    }
  });

  await test.step("an admin may not add files to a recovery point of the past", async () => {
    const { database, media } = await project.newestPointSettled();
    const answer = await project.call("backup-media", { wait: true, point: database.recovery_point }, bearer(admin));
    deepStrictEqual([answer.status, answer.body.status], [200, "success"]);
    ok(answer.body.recoveryPoint > database.recovery_point);
    deepStrictEqual(await project.run(media.id), media);
    await eventually("its email went out", () => project.stack.mailbox.messages.length === 3);
  });

  await test.step("a token with time left is good, so that the expired one was refused for its age", async () => {
    const answer = await project.call("backup-maintenance", {}, bearer(livingUntil(admin, nowSeconds + 600)));
    strictEqual(answer.status, 200);
  });

  await test.step("cron's maintenance round finds nothing to do", async () => {
    const answer = await project.call("backup-maintenance", { trigger: "cron" });
    deepStrictEqual([answer.status, answer.body], [200, {
      closedRuns: [],
      returnedUploads: 0,
      resumedMedia: [],
      settledPoints: [],
      overdue: null,
      damage: [],
      problems: [],
      restartedDump: null,
      resumedVerify: null,
    }]);
  });

  await test.step("no secret stands anywhere", () => assertNoSecrets(project));
});

function assertError(answer: Answer, status: number, code: string): void {
  deepStrictEqual([answer.status, answer.body.code], [status, code]);
  const { message, hint } = errorBody.parse(answer.body);
  match(message, /^[A-Z].*\.$/s);
  match(hint, /^[A-Z].*\.$/s);
  strictEqual(answer.headers.get("access-control-allow-origin"), "*");
}

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(token.split(".")[1], { alphabet: "base64url" })));
}

function encoded(value: unknown): string {
  return btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The same token with another time of expiry, signed as the project itself would sign it. */
function livingUntil(token: string, expiresAt: number): string {
  const payload = encoded({ ...claimsOf(token), iat: expiresAt - 3_600, exp: expiresAt });
  const signed = `${token.split(".")[0]}.${payload}`;
  return `${signed}.${createHmac("sha256", JWT_SECRET).update(signed).digest("base64url")}`;
}

/** The same token without a signature and with algorithm `none`, which some libraries accept. */
function unsigned(token: string): string {
  return `${encoded({ alg: "none", typ: "JWT" })}.${token.split(".")[1]}.`;
}
