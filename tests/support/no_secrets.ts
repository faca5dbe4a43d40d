import { deepStrictEqual, ok } from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { keysIn, readObject } from "./bucket_contents.ts";
import type { LiveProject } from "./live_project.ts";

/** Fails when a secret of the project is found in the bucket, the emails, the history, an answer or a log. */
export async function assertNoSecrets(project: LiveProject): Promise<void> {
  const places = new Map<string, string>();
  for (const key of await keysIn(project.bucket)) {
    places.set(`object ${key}`, latin1(await readObject(project.bucket, key)));
  }
  project.stack.mailbox.messages.forEach((email) => places.set(`email "${email.subject}"`, JSON.stringify(email)));
  project.stack.mailbox.pings.forEach((ping) => places.set(`body of a ping at ${ping.receivedAt}`, ping.body));
  (await project.history()).forEach((run) => places.set(`history of ${run.kind} ${run.id}`, JSON.stringify(run)));
  project.answers.forEach((answer, index) => places.set(`answer ${index + 1}`, answer));
  places.set("log", project.log.join("\n"));

  // The dump holds the admin's account. If the search does not find that, it would not find a secret either.
  const { adminEmail } = project.details;
  ok([...places].some(([place, text]) => /^object .*\d\dZ\.json\.gz$/.test(place) && text.includes(adminEmail)));
  const found: string[] = [];
  for (const [name, secret] of Object.entries(await project.secrets())) {
    for (const [place, text] of places) if (text.includes(secret)) found.push(`${name} in ${place}`);
  }
  deepStrictEqual(found, []);
}

/** Decodes one byte to one character, which is enough to find secrets, since they are ASCII. */
function latin1(bytes: Uint8Array): string {
  const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
  return new TextDecoder("latin1").decode(plain);
}
