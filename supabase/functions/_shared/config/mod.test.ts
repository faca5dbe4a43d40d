import { deepStrictEqual, doesNotMatch, match, ok, strictEqual, throws } from "node:assert/strict";
import { inspect } from "node:util";
import fc from "fast-check";
import { createRedactor, readAccessConfiguration, readConfiguration, Secret } from "./mod.ts";
import { ACCESS_VARIABLES, BACKUP_VARIABLES } from "./variables.ts";
import { LifeboatError } from "../engine/errors.ts";

const REFERENCE = "abcdefghijklmnopqrst";
const SECRET_KEY = "sb_secret_sample_0123456789";

const platform = {
  SUPABASE_URL: `https://${REFERENCE}.supabase.co`,
  SUPABASE_DB_URL: `postgresql://postgres:p%40ssword-sample@db.${REFERENCE}.supabase.co:5432/postgres`,
  SUPABASE_SECRET_KEYS: JSON.stringify({ default: SECRET_KEY, cron: "sb_secret_cron_0123456789" }),
  SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: "sb_publishable_0123456789" }),
};
const minimal = {
  ...platform,
  AWS_S3_BUCKET: "example-backups",
  AWS_ACCESS_KEY_ID: "AKIASAMPLESAMPLE",
  AWS_SECRET_ACCESS_KEY: "aws-secret-sample-0123456789",
  AWS_REGION: "eu-central-1",
};

function failure(action: () => unknown): LifeboatError {
  try {
    action();
  } catch (error) {
    ok(error instanceof LifeboatError, `expected a LifeboatError, got ${error}`);
    strictEqual(error.code, "configuration_invalid");
    strictEqual(error.kind, "permanent");
    return error;
  }
  throw new Error("Expected a configuration_invalid error.");
}

Deno.test("the required variables are enough, and everything else has its default", () => {
  const configuration = readConfiguration(minimal);
  strictEqual(configuration.project, REFERENCE);
  deepStrictEqual({ ...configuration.store, accessKeyId: null, secretAccessKey: null }, {
    bucket: "example-backups",
    region: "eu-central-1",
    accessKeyId: null,
    secretAccessKey: null,
    forcePathStyle: false,
    serverSideEncryption: "AES256",
    prefix: "",
  });
  deepStrictEqual(configuration.schemas, ["public"]);
  deepStrictEqual(configuration.exclude, { tables: [], columns: [] });
  deepStrictEqual(configuration.r2, {});
  for (const key of ["buckets", "email", "pingUrl", "adminUrl"] as const) strictEqual(configuration[key], undefined);
  strictEqual(configuration.access.serviceKey.reveal(), SECRET_KEY);
  strictEqual(configuration.access.allowedOrigins, "*");
});

Deno.test("every setting is read", () => {
  const configuration = readConfiguration({
    ...minimal,
    S3_ENDPOINT: "https://s3.example.com/",
    S3_PREFIX: "/team/backups/",
    S3_SSE: "aes256",
    S3_FORCE_PATH_STYLE: "false",
    BACKUP_PROJECT: "collabhunts",
    BACKUP_SCHEMAS: 'public, "odd,schema"',
    BACKUP_BUCKETS: "profile-images, site.assets",
    BACKUP_EXCLUDE: 'card_data, private.tokens, public."odd.table"."col,umn"',
    BACKUP_R2_SOURCES: '[{"table":"media.\\"videos.hd\\"","path":"r2_key","size":"bytes","key":"id"}]',
    R2_ENDPOINT: "https://account.r2.cloudflarestorage.com",
    R2_BUCKET: "videos",
    R2_ACCESS_KEY_ID: "r2-key-sample",
    R2_SECRET_ACCESS_KEY: "r2-secret-sample",
    RESEND_API_KEY: "re_sample_0123456789",
    BACKUP_EMAIL_FROM: "Lifeboat <backup@example.com>",
    BACKUP_EMAIL_TO: "ops@example.com, Owner <owner@example.com>,ops@example.com",
    RESEND_BASE_URL: "http://127.0.0.1:9000",
    BACKUP_PING_URL: "https://hc-ping.com/00000000-0000-4000-8000-000000000000?rid=1",
    BACKUP_ADMIN_URL: "https://admin.example.com/backup-history",
    BACKUP_ALLOWED_ORIGINS: "https://admin.example.com, http://localhost:5173/",
  });
  strictEqual(configuration.project, "collabhunts");
  strictEqual(configuration.store.endpoint, "https://s3.example.com");
  strictEqual(configuration.store.prefix, "team/backups/");
  strictEqual(configuration.store.serverSideEncryption, "AES256");
  strictEqual(configuration.store.forcePathStyle, false);
  deepStrictEqual(configuration.schemas, ["public", "odd,schema"]);
  deepStrictEqual(configuration.buckets, ["profile-images", "site.assets"]);
  deepStrictEqual(configuration.exclude, {
    tables: [{ schema: "public", table: "card_data" }, { schema: "private", table: "tokens" }],
    columns: [{ schema: "public", table: "odd.table", column: "col,umn" }],
  });
  deepStrictEqual(configuration.r2.sources, [
    { schema: "media", table: "videos.hd", pathColumn: "r2_key", sizeColumn: "bytes", keyColumn: "id" },
  ]);
  strictEqual(configuration.r2.store?.bucket, "videos");
  deepStrictEqual(configuration.email?.to, ["ops@example.com", "Owner <owner@example.com>"]);
  strictEqual(configuration.email?.baseUrl, "http://127.0.0.1:9000");
  match(configuration.pingUrl!.reveal(), /\?rid=1$/);
  deepStrictEqual(configuration.access.allowedOrigins, ["https://admin.example.com", "http://localhost:5173"]);
});

Deno.test("another provider than AWS gets path style and no encryption header unless asked for", () => {
  const { store } = readConfiguration({ ...minimal, S3_ENDPOINT: "http://127.0.0.1:9000", AWS_REGION: "auto" });
  strictEqual(store.forcePathStyle, true);
  strictEqual(store.serverSideEncryption, undefined);
  strictEqual(readConfiguration({ ...minimal, S3_SSE: "off" }).store.serverSideEncryption, undefined);
});

Deno.test("a bucket with dots in its name is no host name on AWS, unless it is asked for", () => {
  const dotted = { ...minimal, AWS_S3_BUCKET: "backups.example.com" };
  strictEqual(readConfiguration(dotted).store.forcePathStyle, true);
  strictEqual(readConfiguration({ ...dotted, S3_FORCE_PATH_STYLE: "false" }).store.forcePathStyle, false);
});

Deno.test("a mistake in the allowed origins allows no page, and keeps nobody from being told apart", () => {
  const mistaken = { ...minimal, BACKUP_ALLOWED_ORIGINS: "the admin page" };
  deepStrictEqual(readAccessConfiguration(mistaken).allowedOrigins, []);
  strictEqual(failure(() => readConfiguration(mistaken)).subject, "BACKUP_ALLOWED_ORIGINS");
});

Deno.test("white space is trimmed, and empty values count as absent", () => {
  const configuration = readConfiguration({
    ...minimal,
    AWS_S3_BUCKET: "  example-backups\n",
    S3_ENDPOINT: "",
    BACKUP_BUCKETS: "   ",
    RESEND_API_KEY: "",
  });
  strictEqual(configuration.store.bucket, "example-backups");
  strictEqual(configuration.store.endpoint, undefined);
  strictEqual(configuration.buckets, undefined);
  strictEqual(configuration.email, undefined);
});

Deno.test("every problem is listed in one error, by name", () => {
  const error = failure(() =>
    readConfiguration({
      SUPABASE_URL: "nonsense",
      AWS_S3_BUCKET: "s3://backups",
      AWS_SECRET_ACCESS_KEY: "with a space inside",
      S3_SSE: "rot13",
      S3_FORCE_PATH_STYLE: "perhaps",
      BACKUP_PROJECT: "../other",
      BACKUP_EXCLUDE: "a.b.c.d",
      BACKUP_R2_SOURCES: "[{}]",
      R2_BUCKET: "videos",
      RESEND_API_KEY: "re_sample",
      BACKUP_EMAIL_TO: "nobody",
    })
  );
  const expected = [
    "SUPABASE_URL",
    "SUPABASE_DB_URL",
    "SUPABASE_SECRET_KEYS",
    "AWS_S3_BUCKET",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_REGION",
    "S3_SSE",
    "S3_FORCE_PATH_STYLE",
    "BACKUP_PROJECT",
    "BACKUP_EXCLUDE",
    "BACKUP_R2_SOURCES",
    "R2_ENDPOINT",
    "R2_ACCESS_KEY_ID",
    "R2_SECRET_ACCESS_KEY",
    "BACKUP_EMAIL_FROM",
    "BACKUP_EMAIL_TO",
  ];
  for (const name of expected) match(error.message, new RegExp(`[ ;] ?${name} (is|must|has|and)`));
  deepStrictEqual(error.subject?.split(", ").toSorted(), expected.toSorted());
  match(error.message, /17 problems/);
});

Deno.test("an empty environment is told what is required", () => {
  const { subject } = failure(() => readConfiguration({}));
  strictEqual(
    subject,
    "SUPABASE_URL, SUPABASE_DB_URL, SUPABASE_SECRET_KEYS, AWS_S3_BUCKET, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION",
  );
});

for (
  const [name, value] of [
    ["AWS_S3_BUCKET", "a..b"],
    ["AWS_S3_BUCKET", "backups/2026"],
    ["AWS_REGION", "eu central 1"],
    ["S3_ENDPOINT", "s3.example.com"],
    ["S3_ENDPOINT", "ftp://s3.example.com"],
    ["S3_ENDPOINT", "https://key:secret@s3.example.com"],
    ["S3_PREFIX", "a/../b"],
    ["S3_PREFIX", "a//b"],
    ["S3_PREFIX", "."],
    ["S3_PREFIX", "/"],
    ["S3_PREFIX", "x".repeat(300)],
    ["S3_PREFIX", "a/media-backups/b"],
    ["S3_PREFIX", "/team/media-archive/"],
    ["S3_SSE", "aws:kms"],
    ["BACKUP_PROJECT", "a/b"],
    ["BACKUP_PROJECT", "x".repeat(64)],
    ["BACKUP_PROJECT", "größe"],
    ["BACKUP_SCHEMAS", "public, auth"],
    ["BACKUP_SCHEMAS", "pg_catalog"],
    ["BACKUP_SCHEMAS", "public,,private"],
    ["BACKUP_BUCKETS", ","],
    ["BACKUP_EXCLUDE", 'public."unclosed'],
    ["BACKUP_R2_SOURCES", "content_library"],
    ["BACKUP_R2_SOURCES", '{"table":"a"}'],
    ["BACKUP_R2_SOURCES", '[{"table":"a","path":"b","extra":1}]'],
    ["BACKUP_R2_SOURCES", '[{"table":"a.b.c","path":"b"}]'],
    ["BACKUP_R2_SOURCES", '[{"table":"a","size":""}]'],
    ["BACKUP_R2_SOURCES", "[null]"],
    ["BACKUP_DRILL_QUERIES", "select true"],
    ["BACKUP_DRILL_QUERIES", '["select true", ""]'],
    ["BACKUP_DRILL_QUERIES", '{"query":"select true"}'],
    ["BACKUP_PING_URL", "hc-ping.com/uuid"],
    ["BACKUP_ADMIN_URL", "javascript:alert(1)"],
    ["BACKUP_ALLOWED_ORIGINS", "https://pages.example.org/page"],
    ["BACKUP_ALLOWED_ORIGINS", "https://a.example.com, *"],
    ["SUPABASE_DB_URL", "mysql://localhost/db"],
    ["SUPABASE_DB_URL", "postgresql://postgres:1234/of@db.example.supabase.co:5432/postgres"],
    ["SUPABASE_DB_URL", "postgresql://postgres:fragment@of@db.example.supabase.co:5432/postgres"],
    ["SUPABASE_DB_URL", "postgresql://postgres.ref:password@aws-0-eu.pooler.supabase.com:6543/postgres"],
    ["SUPABASE_SECRET_KEYS", '["sb_secret_sample_0123456789"]'],
    ["SUPABASE_SECRET_KEYS", '{"default":""}'],
    ["SUPABASE_SECRET_KEYS", '{"default":5}'],
    ["SUPABASE_SECRET_KEYS", "null"],
    ["SUPABASE_SECRET_KEYS", "{"],
    ["SUPABASE_SECRET_KEYS", '{"sb_secret_swapped_0123456789":"default"}'],
    ["AWS_SECRET_ACCESS_KEY", "line\nbreak-0123456789"],
    ["AWS_SECRET_ACCESS_KEY", "nul\0-0123456789"],
    ["BACKUP_BUCKETS", "x".repeat(70_000)],
  ]
) {
  Deno.test(`${name}=${JSON.stringify(value).slice(0, 60)} is a problem of that variable alone`, () => {
    const error = failure(() => readConfiguration({ ...minimal, [name]: value }));
    strictEqual(error.subject, name);
    doesNotMatch(error.message, /undefined|Invalid|\[object/);
    if (value.length > 12) ok(!error.message.includes(value.slice(0, 13)), error.message);
    doesNotMatch(error.message, /swapped/);
  });
}

Deno.test("email settings that are not complete are a problem for each one missing", () => {
  const error = failure(() => readConfiguration({ ...minimal, RESEND_API_KEY: "re_sample" }));
  strictEqual(error.subject, "BACKUP_EMAIL_FROM, BACKUP_EMAIL_TO");
  match(error.message, /BACKUP_EMAIL_TO is missing, but RESEND_API_KEY is set/);
});

Deno.test("an email address cannot carry further headers or recipients", () => {
  const email = { ...minimal, RESEND_API_KEY: "re_sample", BACKUP_EMAIL_TO: "ops@example.com" };
  for (
    const from of ["a@example.com\nBcc: b@example.com", "a@example.com, b@example.com", "a@b", '"a" <a@example.com>']
  ) {
    strictEqual(failure(() => readConfiguration({ ...email, BACKUP_EMAIL_FROM: from })).subject, "BACKUP_EMAIL_FROM");
  }
});

Deno.test("the legacy keys are enough, and the platform alone can be read without the rest", () => {
  const access = readAccessConfiguration({
    SUPABASE_URL: "http://127.0.0.1:54321",
    SUPABASE_DB_URL: "postgresql://postgres:postgres@127.0.0.1:54322/postgres",
    SUPABASE_SECRET_KEYS: "{}",
    SUPABASE_SERVICE_ROLE_KEY: "eyJsample.eyJsample.sample",
    SUPABASE_ANON_KEY: "eyJsample.eyJsample.anon01",
  });
  strictEqual(access.serviceKey.reveal(), "eyJsample.eyJsample.sample");
  strictEqual(access.publicKey.reveal(), "eyJsample.eyJsample.anon01");
  deepStrictEqual(access.secretKeys.map((key) => key.reveal()), ["eyJsample.eyJsample.sample"]);
});

Deno.test("the project is named after its reference, behind a custom domain too, and local elsewhere", () => {
  strictEqual(readConfiguration({ ...minimal, SUPABASE_URL: "https://api.example.com" }).project, REFERENCE);
  const local = {
    SUPABASE_URL: "http://127.0.0.1:54321",
    SUPABASE_DB_URL: "postgresql://postgres@127.0.0.1:54322/postgres",
  };
  strictEqual(readConfiguration({ ...minimal, ...local }).project, "local");
});

Deno.test("no way of printing a configuration shows a secret", () => {
  const configuration = readConfiguration({
    ...minimal,
    RESEND_API_KEY: "re_sample_0123456789",
    BACKUP_EMAIL_FROM: "backup@example.com",
    BACKUP_EMAIL_TO: "ops@example.com",
    BACKUP_PING_URL: "https://hc-ping.com/00000000-0000-4000-8000-000000000000",
  });
  const printed = [
    JSON.stringify(configuration),
    Deno.inspect(configuration, { depth: 20 }),
    inspect(configuration, { depth: 20, showHidden: true }),
    `${configuration.access.serviceKey} ${configuration.secrets}`,
  ].join("\n");
  const secrets = configuration.secrets.map((secret) => secret.reveal());
  ok(secrets.length >= 8);
  for (const secret of secrets) ok(!printed.includes(secret), `shown: ${secret}`);
  match(printed, /\[secret\]/);
});

Deno.test("a redactor hides secrets in texts of others, and the password of the database alone", () => {
  const redact = createRedactor(readConfiguration(minimal).secrets);
  strictEqual(redact(`denied for ${minimal.AWS_SECRET_ACCESS_KEY}`), "denied for [secret]");
  strictEqual(redact(`cannot open ${platform.SUPABASE_DB_URL}`), "cannot open [secret]");
  strictEqual(redact('password "p@ssword-sample" and p%40ssword-sample'), 'password "[secret]" and [secret]');
  strictEqual(createRedactor([new Secret(""), new Secret("postgres")])("role postgres"), "role postgres");
});

Deno.test("whatever the environment holds, reading it ends with a configuration or one configuration_invalid", () => {
  const names = [...Object.keys(ACCESS_VARIABLES), ...Object.keys(BACKUP_VARIABLES)];
  const values = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc.webUrl(),
    fc.constantFrom(
      '{"__proto__":{"a":"b"}}',
      "[[[[",
      '{"default":"constructor-0123456789"}',
      "toString",
      '""',
      "\ud800",
    ),
  );
  const environment = fc.dictionary(fc.constantFrom(...names), values);
  fc.assert(
    fc.property(environment, fc.boolean(), (changes, complete) => {
      try {
        readConfiguration(complete ? { ...minimal, ...changes } : changes);
      } catch (error) {
        ok(error instanceof LifeboatError && error.code === "configuration_invalid", String(error));
        ok(error.cause === undefined);
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("a secret is not lost or shown when an error is thrown with it", () => {
  throws(() => {
    throw new Error(`${new Secret("value-0123456789")}`);
  }, /^Error: \[secret\]$/);
});
