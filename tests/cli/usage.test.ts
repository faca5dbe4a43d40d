import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { jsonOf, lifeboat } from "./command.ts";

const COMMANDS = ["install", "backup", "media", "list", "show", "verify", "drill", "restore", "adopt", "doctor"];
const bucket = {
  AWS_S3_BUCKET: "lifeboat",
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "sample-access-key",
  AWS_SECRET_ACCESS_KEY: "sample-secret-access-key",
  S3_ENDPOINT: "http://127.0.0.1:9",
};

Deno.test("help names every command, and each explains itself and exits 0", async () => {
  const help = await lifeboat(["--help"]);
  strictEqual(help.code, 0);
  match(help.out, /Exit codes: 0 done/);
  await Promise.all(COMMANDS.map(async (command) => {
    match(help.out, new RegExp(`^  ${command} `, "m"));
    const own = await lifeboat([command, "--help"]);
    strictEqual(own.code, 0, command);
    match(own.out, /--json[\s\S]*--db-url/, command);
  }));
});

Deno.test("wrong commands, flags and values exit 2 and say so", async () => {
  await Promise.all(
    [
      [],
      ["nonsense"],
      ["list", "--bogus"],
      ["list", "--limit", "many"],
      ["list", "superfluous"],
      ["backup", "--trigger", "whim"],
      ["verify", "--sample", "200%"],
      ["restore", "--existing", "maybe"],
      ["restore", "arm", "--apply"],
    ].map(async (args) => {
      const { code, out, err } = await lifeboat(args);
      deepStrictEqual([code, out, err === ""], [2, "", false], args.join(" "));
    }),
  );
});

Deno.test("missing settings exit 2 and are all named, as JSON too", async () => {
  const said = await lifeboat(["backup"]);
  strictEqual(said.code, 2);
  for (const name of ["SUPABASE_URL", "SUPABASE_DB_URL", "AWS_S3_BUCKET", "AWS_REGION"]) {
    match(said.err, new RegExp(name));
  }
  const json = await lifeboat(["backup", "--json"]);
  strictEqual(json.code, 2);
  strictEqual(jsonOf(json).error.code, "configuration_invalid");
});

Deno.test("a command asks only for the settings that it needs", async () => {
  const list = await lifeboat(["list"]);
  match(list.err, /AWS_S3_BUCKET is missing/);
  ok(!list.err.includes("SUPABASE"), list.err);
  const install = await lifeboat(["install"]);
  match(install.err, /SUPABASE_DB_URL is missing/);
  ok(!/AWS_|SUPABASE_URL/.test(install.err), install.err);
});

Deno.test("settings come from flags before the environment before the file", async () => {
  const file = await Deno.makeTempFile({ prefix: "lifeboat-cli-", suffix: ".env" });
  try {
    await Deno.writeTextFile(file, 'S3_PREFIX="../file"\nAWS_S3_BUCKET=from-file\n');
    const { AWS_S3_BUCKET: _, ...rest } = bucket;
    const fromFile = await lifeboat(["list", "--env-file", file], rest);
    match(fromFile.err, /^The configuration has a problem: S3_PREFIX must/);
    const fromFlag = await lifeboat(
      ["list", "--env-file", file, "--s3-prefix", "fine", "--set", "BACKUP_PROJECT=?"],
      rest,
    );
    match(fromFlag.err, /^The configuration has a problem: BACKUP_PROJECT must/);
    const absent = await lifeboat(["list", "--env-file", `${file}.not`], bucket);
    deepStrictEqual([absent.code, /could not be read/.test(absent.err)], [2, true]);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("what cannot be asked needs its flag where nobody can answer", async () => {
  const adopt = await lifeboat(["adopt"], {
    ...bucket,
    SUPABASE_URL: "http://127.0.0.1:9",
    SUPABASE_SERVICE_ROLE_KEY: "sample-service-role-key",
  });
  // The command asks the bucket first, and this one does not exist.
  strictEqual(adopt.code, 1);
  const restore = await lifeboat(["restore"], bucket);
  deepStrictEqual([restore.code, /--target-db/.test(restore.err)], [2, true]);
  const both = await lifeboat(["install", "--force"], { SUPABASE_DB_URL: "postgres://127.0.0.1:9/none" });
  deepStrictEqual([both.code, /--force belongs to --remove/.test(both.err)], [2, true]);
});

Deno.test("an unreachable bucket or database exits 1 with a code, and no secret is said", async () => {
  const env = {
    ...bucket,
    SUPABASE_URL: "http://127.0.0.1:9",
    SUPABASE_DB_URL: "postgres://postgres:sample-database-password@127.0.0.1:9/postgres",
    SUPABASE_SECRET_KEYS: '{"default":"sb_secret_sample_only_123"}',
  };
  const said = [
    await lifeboat(["install", "--json"], env),
    await lifeboat(["backup", "--json"], env),
    await lifeboat(["doctor", "--json"], env),
  ];
  deepStrictEqual(said.map(({ code }) => code), [1, 1, 1]);
  strictEqual(jsonOf(said[0]).error.code, "database_unreachable");
  strictEqual(jsonOf(said[1]).error.code, "database_unreachable");
  ok(jsonOf(said[2]).broken >= 3);
  const everything = said.map(({ out, err }) => out + err).join("");
  for (const secret of ["sample-secret-access-key", "sample-database-password", "sb_secret_sample_only_123"]) {
    ok(!everything.includes(secret), secret);
  }
});
