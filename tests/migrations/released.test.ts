import { deepStrictEqual } from "node:assert/strict";
import { readMigrations } from "../support/migrations.ts";

/**
 * `supabase db push` never applies a recorded version again: who installed that way would keep the old text without a
 * word. A release adds the line of its migration to the list (`sha256sum` writes it); no line of it ever changes.
 */
const RELEASED = new URL("released.sha256", import.meta.url);

Deno.test("a migration that was released is never changed or removed: databases that have it would keep the old one", async () => {
  const released = (await Deno.readTextFile(RELEASED)).trim().split("\n");
  const present = new Map((await readMigrations()).map(({ name, sql }) => [name, sql]));
  const now = await Promise.all(released.map(async (line) => {
    const name = line.split("  ")[1];
    return `${await sha256(present.get(name) ?? "")}  ${name}`;
  }));
  deepStrictEqual(now, released);
});

async function sha256(text: string): Promise<string> {
  const sum = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(sum), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
