import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { Resend } from "resend";
import { type Mailbox, startMailbox } from "../../local/mailbox.ts";

const email = { from: "Lifeboat <backup@example.com>", to: ["owner@example.com"], subject: "<Hello>", text: "Text" };

async function withMailbox(run: (mailbox: Mailbox, resend: Resend) => Promise<void>): Promise<void> {
  const mailbox = startMailbox({ port: 0 });
  try {
    await run(mailbox, new Resend("re_sample", { baseUrl: mailbox.url }));
  } finally {
    await mailbox.stop();
  }
}

Deno.test("the mailbox receives what the Resend SDK sends and shows it", async () => {
  await withMailbox(async (mailbox, resend) => {
    const { data, error } = await resend.emails.send(email);
    strictEqual(error, null);
    const messages = await (await fetch(`${mailbox.url}/messages`)).json();
    strictEqual(messages.length, 1);
    deepStrictEqual(
      [messages[0].id, messages[0].subject, messages[0].to, messages[0].text],
      [data?.id, email.subject, email.to, email.text],
    );
    match(await (await fetch(mailbox.url)).text(), /&lt;Hello&gt;/);
  });
});

Deno.test("an idempotency key makes one message of two requests, and refuses another payload", async () => {
  await withMailbox(async (mailbox, resend) => {
    const first = await resend.emails.send(email, { idempotencyKey: "point-1" });
    const again = await resend.emails.send(email, { idempotencyKey: "point-1" });
    strictEqual(again.data?.id, first.data?.id);
    strictEqual(mailbox.messages.length, 1);
    const other = await resend.emails.send({ ...email, subject: "Other" }, { idempotencyKey: "point-1" });
    strictEqual(other.error?.name, "invalid_idempotent_request");
    await resend.emails.send(email, { idempotencyKey: "point-2" });
    strictEqual(mailbox.messages.length, 2);
  });
});

Deno.test("the mailbox fails as often as it is told, keeps nothing then, and refuses malformed requests", async () => {
  await withMailbox(async (mailbox, resend) => {
    await (await fetch(`${mailbox.url}/fail`, { method: "POST", body: JSON.stringify({ status: 422, times: 1 }) })).body
      ?.cancel();
    strictEqual((await resend.emails.send(email)).error?.name, "validation_error");
    strictEqual((await resend.emails.send(email)).error, null);
    strictEqual(mailbox.messages.length, 1);
    const response = await fetch(`${mailbox.url}/emails`, { method: "POST", body: JSON.stringify(email) });
    deepStrictEqual([response.status, (await response.json()).name], [401, "missing_api_key"]);
  });
});

Deno.test("pings are recorded with their path", async () => {
  await withMailbox(async (mailbox) => {
    for (const path of ["/ping/start", "/ping", "/ping/fail"]) await (await fetch(mailbox.url + path)).body?.cancel();
    deepStrictEqual(mailbox.pings.map((ping) => ping.path), ["/ping/start", "/ping", "/ping/fail"]);
    strictEqual((await (await fetch(`${mailbox.url}/pings`)).json()).length, 3);
  });
});
