import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import pLimit from "p-limit";
import { LifeboatError } from "../../supabase/functions/_shared/engine/errors.ts";
import { applySql } from "../apply_sql.ts";
import type { StackDetails } from "../stack_details.ts";
import { withClient } from "../with_client.ts";
import { ADMIN, CREATOR } from "./people.ts";
import { makePng } from "./png.ts";

export interface SampleOptions {
  readonly details: StackDetails;
  readonly superuserUrl: string;
  readonly onLine?: (line: string) => void;
}

const VERSION = "20250101000000";
const BUCKETS = [
  {
    name: "profile-images",
    public: true,
    fileSizeLimit: 5 * 1024 * 1024,
    allowedMimeTypes: ["image/png", "image/jpeg"],
  },
  { name: "portfolio-media", public: true, fileSizeLimit: 50 * 1024 * 1024 },
  { name: "brand-logos", public: true, fileSizeLimit: 2 * 1024 * 1024, allowedMimeTypes: ["image/png"] },
  { name: "career-cvs", public: false, allowedMimeTypes: ["application/pdf"] },
];

/**
 * Makes the sample project: schema, access, users, rows, buckets and files. Does nothing where it exists. Users and
 * files go through the Auth and Storage APIs, as in a real project.
 */
export async function loadSample({ details, superuserUrl, onLine }: SampleOptions): Promise<void> {
  const done = await withClient(
    details.dbUrl,
    (client) => client.query("select from supabase_migrations.schema_migrations where version = $1", [VERSION]),
  );
  if (done.rowCount !== 0) return;
  onLine?.("making the sample project");

  const file = (name: string) => new URL(name, import.meta.url);
  await applySql(details.dbUrl, file("1_schema.sql"));
  await applySql(details.dbUrl, file("2_access.sql"));
  await applySql(details.dbUrl, file("3_data.sql"));
  await applySql(superuserUrl, file("4_storage.sql"));

  await addAccount(details, ADMIN, "admin");
  await addAccount(details, CREATOR, "creator");
  await addFiles(details);
  await withClient(details.dbUrl, (client) =>
    client.query(
      "insert into supabase_migrations.schema_migrations (version, name, statements) values ($1, 'collabhunts', '{}')",
      [VERSION],
    ));
}

function client(details: StackDetails, key: string): SupabaseClient {
  return createClient(details.apiUrl, key, { auth: { persistSession: false, autoRefreshToken: false } });
}

async function addAccount(
  details: StackDetails,
  person: { readonly email: string; readonly password: string },
  role: "admin" | "creator",
): Promise<void> {
  const { data, error } = await client(details, details.publishableKey).auth.signUp(person);
  if (error !== null) throw refused("auth.signUp", person.email, error);
  await withClient(details.dbUrl, async (database) => {
    await database.query(
      "insert into public.profiles (id, username, display_name) values ($1, $2, $3)",
      [data.user!.id, `sample_${role}`, `Sample ${role}`],
    );
    await database.query("insert into public.user_roles (user_id, role) values ($1, $2)", [data.user!.id, role]);
  });
}

async function addFiles(details: StackDetails): Promise<void> {
  const { storage } = client(details, details.secretKey);
  for (const { name, ...settings } of BUCKETS) {
    const { error } = await storage.createBucket(name, settings);
    if (error !== null) throw refused("storage.createBucket", name, error);
  }
  const paths = await withClient(details.dbUrl, async (database) => ({
    "profile-images": await column(database, "select avatar_path from public.profiles where avatar_path is not null"),
    "portfolio-media": await column(
      database,
      "select storage_path from public.portfolio_media where storage_path is not null",
    ),
  }));
  const limit = pLimit(4);
  await Promise.all(
    Object.entries(paths).flatMap(([bucket, names]) =>
      names.map((path, index) =>
        limit(async () => {
          const big = bucket === "portfolio-media" ? 6 : 1;
          const image = makePng((64 + index * 8) * big, (48 + index * 6) * big, index + big);
          const { error } = await storage.from(bucket).upload(path, image, {
            contentType: "image/png",
            cacheControl: index % 2 === 0 ? "3600" : "86400",
            metadata: { source: "sample", index },
          });
          if (error !== null) throw refused("storage.upload", `${bucket}/${path}`, error);
        })
      )
    ),
  );
}

async function column(
  database: { query(text: string): Promise<{ rows: Record<string, string>[] }> },
  text: string,
): Promise<string[]> {
  return (await database.query(`${text} order by 1`)).rows.flatMap((row) => Object.values(row));
}

function refused(operation: string, subject: string, cause: { message: string }): LifeboatError {
  return new LifeboatError({
    code: "sample_failed",
    kind: "permanent",
    message: `The sample project could not be made: ${operation} of ${subject} failed: ${cause.message}`,
    hint: "Delete the data directory of the local stack and start again.",
    operation,
    subject,
    cause,
  });
}
