import { deepStrictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { readMigrationTexts } from "../support/migrations.ts";

/**
 * SHA-256 of every migration that was released, by file. `supabase db push` never applies a recorded version again, so whoever
 * installed a release would silently keep what an edited file said before. Change the schema by a new migration, and add
 * its line here when it is released.
 */
const RELEASED: Readonly<Record<string, string>> = {
  "20261121000100_lifeboat_backup_history.sql": "00d7d77c8a0195191ee8b84ff7b599ee4573e8714ac13ec5401dde663482b571",
  "20261121000200_lifeboat_media.sql": "61d48e84acb03d9b711389f1f25764ae8ad7f92d254c35f8a0a947f27c9a2d2b",
  "20261121000300_lifeboat_runs.sql": "908665eee7e7d603690efd5b67be2906d57637f4e22891f06c5998b89be96d8b",
  "20261121000305_lifeboat_media_workers.sql": "aaab2214ffa5ef7be4d71112b50f5bf5be6ef2861d5441a8d7d9a67fa86381b7",
  "20261121000310_lifeboat_points.sql": "5088a3723a7a4c470b271772f0323665f720e046429039b4612ffb35e1fe0158",
  "20261121000320_lifeboat_schedule.sql": "d889b758c46f056cca90c640e1a3a4f355ce32180aa39603c1e074594fb05f4a",
  "20261121000400_lifeboat_admin.sql": "5f9b9cb3e3dcb88848815290f89a13cefb61d9994e2542012a060b4e670c190d",
  "20261121000410_lifeboat_dump_chain.sql": "28b37d66ad5c8ad2e13f6aaf00baf6da9f0278bac1e4d8f80563ca0f7ce76e08",
};

Deno.test("released migrations are what they were when they were released", async () => {
  const migrations = await readMigrationTexts();
  const sums = Object.fromEntries(
    migrations.filter(({ name }) => name in RELEASED)
      .map(({ name, sql }) => [name, createHash("sha256").update(sql).digest("hex")]),
  );
  deepStrictEqual(sums, RELEASED);
});

Deno.test("a new migration comes after every released one", async () => {
  const names = (await readMigrationTexts()).map(({ name }) => name);
  const released = Object.keys(RELEASED);
  deepStrictEqual(names.slice(0, released.length), released);
});
