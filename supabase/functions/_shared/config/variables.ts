import * as z from "zod";
import { buckets, exclusions, r2Sources, schemas } from "./scope.ts";
import {
  baseUrl,
  boolean,
  databaseUrl,
  emailAddress,
  emailAddresses,
  json,
  matching,
  MINIMUM_KEY_LENGTH,
  namedKeys,
  origins,
  pageUrl,
  parsed,
  secret,
  secretUrl,
} from "./values.ts";

export interface Variable {
  readonly schema: z.ZodType<unknown, string>;
  /** Says what happens when the variable is unset: `required`, or the default in words. */
  readonly without: string;
  /** One line, for docs/CONFIGURATION.md and .env.example. */
  readonly description: string;
}

export type Variables = Readonly<Record<string, Variable>>;

/** Reserved names that the platform sets on a hosted project. They suffice to tell who is calling. */
export const ACCESS_VARIABLES = {
  SUPABASE_URL: {
    schema: baseUrl,
    without: "required",
    description: "The project's API, `https://<ref>.supabase.co`.",
  },
  SUPABASE_DB_URL: {
    schema: databaseUrl,
    without: "required",
    description: "Direct connection to the database (no pooler), role `postgres`.",
  },
  SUPABASE_SECRET_KEYS: {
    schema: namedKeys,
    without: "`SUPABASE_SERVICE_ROLE_KEY` is used; one of the two is required",
    description: 'Secret API keys as JSON, `{"default":"sb_secret_…"}`. Each of them may call the functions.',
  },
  SUPABASE_SERVICE_ROLE_KEY: {
    schema: secret(MINIMUM_KEY_LENGTH),
    without: "`SUPABASE_SECRET_KEYS` is used",
    description: "The legacy service role key. May call the functions too.",
  },
  SUPABASE_PUBLISHABLE_KEYS: {
    schema: namedKeys,
    without: "`SUPABASE_ANON_KEY`, else the secret key is used",
    description: "Publishable API keys as JSON, sent when the Auth API is asked whose a token is.",
  },
  SUPABASE_ANON_KEY: {
    schema: secret(MINIMUM_KEY_LENGTH),
    without: "`SUPABASE_PUBLISHABLE_KEYS` is used",
    description: "The legacy anon key.",
  },
} as const satisfies Variables;

/** Variables that the owner sets. */
export const BACKUP_VARIABLES = {
  AWS_S3_BUCKET: {
    schema: matching(
      /^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/,
      "the name of a bucket, without s3:// and slashes",
    ),
    without: "required",
    description: "The bucket that receives the backups.",
  },
  AWS_ACCESS_KEY_ID: {
    schema: secret(3),
    without: "required",
    description: "Access key of an IAM user that may write to the bucket.",
  },
  AWS_SECRET_ACCESS_KEY: {
    schema: secret(8),
    without: "required",
    description: "Its secret.",
  },
  AWS_REGION: {
    schema: matching(/^[a-z0-9]+(-[a-z0-9]+)*$/, "a region such as eu-central-1 (auto for Cloudflare R2)"),
    without: "required",
    description: "The bucket's region, for example `eu-central-1`; `auto` for Cloudflare R2.",
  },
  S3_ENDPOINT: {
    schema: baseUrl,
    without: "AWS",
    description: "Address of an S3-compatible provider other than AWS.",
  },
  S3_FORCE_PATH_STYLE: {
    schema: boolean,
    without: "`true` with `S3_ENDPOINT` or a bucket whose name has dots, else `false`",
    description: "Whether the bucket stands in the path of S3 addresses instead of in the host name.",
  },
  S3_SSE: {
    schema: parsed((text) => text).pipe(matching(/^(aes256|off)$/i, "AES256 or off")).transform((text) =>
      text.toLowerCase() === "off" ? "off" as const : "AES256" as const
    ),
    without: "`AES256` for AWS, `off` with `S3_ENDPOINT`",
    description: "Server-side encryption asked for with each object: `AES256` or `off`.",
  },
  S3_PREFIX: {
    schema: matching(
      /^(?!.{100})(?!(.*\/)?media-(backups|archive)(\/|$))\/*(?!\.{1,2}(\/|$))[A-Za-z0-9!_.*'()-]+(\/(?!\.{1,2}(\/|$))[A-Za-z0-9!_.*'()-]+)*\/*$/,
      "a path of letters, digits and !_.*'()- without . and .. segments, at most 99 characters, no folder of it named media-backups or media-archive (those of another project)",
    ).transform((text) => `${text.replace(/^\/+|\/+$/g, "")}/`),
    without: "keys start at the top of the bucket",
    description: "Stands before every key, so that several projects can share a bucket.",
  },
  BACKUP_PROJECT: {
    schema: matching(
      /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/,
      "up to 63 letters, digits, - and _, starting with a letter or digit",
    ),
    without: "the project's reference from `SUPABASE_URL`, or `local`",
    description: "Name of the project in keys: `backups/<project>-backup-<timestamp>.json.gz`. Do not change it later.",
  },
  BACKUP_SCHEMAS: {
    schema: schemas,
    without: "`public`",
    description: "Schemas to back up, separated by commas. `auth` and `storage` are always part of a backup.",
  },
  BACKUP_BUCKETS: {
    schema: buckets,
    without: "all buckets",
    description: "Storage buckets to back up, separated by commas.",
  },
  BACKUP_EXCLUDE: {
    schema: exclusions,
    without: "nothing",
    description:
      "Tables and columns to leave out: `table`, `schema.table` or `schema.table.column`, separated by commas; names with dots or commas in double quotes. A partitioned table means its partitions too.",
  },
  BACKUP_STEP_MIB: {
    schema: matching(/^(?!0*\.?0*$)\d{1,4}(\.\d{1,9})?$/, "a number of MiB above 0, such as 20").transform(Number),
    without: "`20`; for files `30`",
    description:
      "How much, in MiB, one call of `database-backup` (JSON) or `backup-media` (files) moves before the next one goes on.",
  },
  BACKUP_R2_SOURCES: {
    schema: r2Sources,
    without: "`content_library` and `booking_deliverables`",
    description:
      'Tables that name objects in R2, as JSON: `[{"table":"content_library","path":"r2_key","size":"size_bytes","key":"id"}]`; `path`, `url`, `size`, `key` are columns, looked for by their usual names when left out. `[]` turns the inventory off.',
  },
  BACKUP_DRILL_QUERIES: {
    schema: json(
      z.array(
        z.string("must be a text").trim().min(1, "must not be empty").max(10_000, "is too long"),
        "it is no array",
      )
        .max(100, "has more than 100 entries"),
      "a JSON array of SQL queries",
    ),
    without: "a drill compares and tries, but knows nothing of what the rows mean",
    description:
      'Queries that a restore drill runs on the restored database, as JSON: `["select count(*) > 0 from bookings"]`. Each must return one row that says true.',
  },
  R2_ENDPOINT: {
    schema: baseUrl,
    without: "the inventory is not compared with R2",
    description: "Address of the R2 account, `https://<account>.r2.cloudflarestorage.com`. All four `R2_…` or none.",
  },
  R2_BUCKET: {
    schema: matching(/^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$/, "the name of a bucket"),
    without: "as above",
    description: "The R2 bucket with the files that the inventory names.",
  },
  R2_ACCESS_KEY_ID: {
    schema: secret(3),
    without: "as above",
    description: "Access key of an R2 token that may list that bucket.",
  },
  R2_SECRET_ACCESS_KEY: {
    schema: secret(8),
    without: "as above",
    description: "Its secret.",
  },
  RESEND_API_KEY: {
    schema: secret(3),
    without: "no email is sent",
    description:
      "Key of the Resend account that sends the emails. All of `RESEND_API_KEY`, `BACKUP_EMAIL_FROM`, `BACKUP_EMAIL_TO` or none.",
  },
  BACKUP_EMAIL_FROM: {
    schema: emailAddress,
    without: "as above",
    description: "Sender, on a domain verified with Resend: `Lifeboat <backup@example.com>`.",
  },
  BACKUP_EMAIL_TO: {
    schema: emailAddresses,
    without: "as above",
    description: "Recipients, separated by commas.",
  },
  RESEND_BASE_URL: {
    schema: baseUrl,
    without: "`https://api.resend.com`",
    description: "Address of Resend's API, for tests.",
  },
  BACKUP_PING_URL: {
    schema: secretUrl,
    without: "no outside monitor is told",
    description: "Check URL of healthchecks.io or alike, called at the start, on success, and with `/fail` on failure.",
  },
  BACKUP_ADMIN_URL: {
    schema: pageUrl,
    without: "emails hold no link",
    description: "Address of the page `/backup-history`, linked in emails.",
  },
  BACKUP_ALLOWED_ORIGINS: {
    schema: origins,
    without: "`*`",
    description: "Origins whose pages may call the functions from a browser, separated by commas, or `*`.",
  },
} as const satisfies Variables;
