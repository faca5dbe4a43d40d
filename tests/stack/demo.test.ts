import { match, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { denoPath } from "../../scripts/deno.mjs";

Deno.test("the demo backs up the sample project, reads it back, restores it and says how long that took", async () => {
  const { code, stdout, stderr } = await new Deno.Command(denoPath(), {
    args: ["run", "-A", fileURLToPath(new URL("../../local/main.ts", import.meta.url)), "demo"],
    env: { NO_COLOR: "1" },
  }).output();
  const said = new TextDecoder().decode(stdout);
  strictEqual(code, 0, said + new TextDecoder().decode(stderr));
  match(said, /database +success, \d+ tables, [\d,]+ rows/);
  match(said, /media +success, 43 files/);
  match(said, /backups\/collabhunts-backup-\S+\.json\.gz/);
  match(said, /backups\/collabhunts-backup-\S+\.manifest\.json/);
  match(said, /media-backups\/profile-images\/ +36 files/);
  match(said, /Subject: .*collabhunts/);
  match(said, /verify +success[\s\S]*(\d+) of \1 parts of the dump, 43 of 43 files/);
  match(said, /drill +success[\s\S]*Measured recovery time of the database: \d/);
  match(said, /(\d+) of \1 tables are equal[\s\S]*passed +select count/);
});
