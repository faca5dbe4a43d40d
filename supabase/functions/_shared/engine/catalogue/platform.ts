/**
 * Schemas that Supabase or Lifeboat creates and migrates. Their objects are never dumped; what users may add to them
 * (policies, triggers, grants) is. https://supabase.com/docs/guides/platform/migrating-within-supabase/backup-restore
 */
export const PLATFORM_SCHEMAS: readonly string[] = [
  "_analytics",
  "_realtime",
  "_supavisor",
  "auth",
  "cron",
  "extensions",
  "graphql",
  "graphql_public",
  "information_schema",
  "lifeboat",
  "net",
  "pgbouncer",
  "pgsodium",
  "pgsodium_masks",
  "pgtle",
  "realtime",
  "storage",
  "supabase_functions",
  "supabase_migrations",
  "vault",
];

/** Platform schemas whose functions users may name in triggers of their own. */
export const SHARED_FUNCTION_SCHEMAS: readonly string[] = ["extensions", "supabase_functions", "net"];

/** Roles that every new project has. Grants among them in platform schemas are made by the platform and not dumped. */
export const PLATFORM_ROLES: readonly string[] = [
  "anon",
  "authenticated",
  "authenticator",
  "dashboard_user",
  "pgbouncer",
  "pgsodium_keyholder",
  "pgsodium_keyiduser",
  "pgsodium_keymaker",
  "pgtle_admin",
  "postgres",
  "service_role",
  "supabase_admin",
  "supabase_auth_admin",
  "supabase_etl_admin",
  "supabase_functions_admin",
  "supabase_privileged_role",
  "supabase_read_only_user",
  "supabase_realtime_admin",
  "supabase_replication_admin",
  "supabase_storage_admin",
  "supabase_superuser",
];

/**
 * Roles to which a project's default privileges grant rights on every new object. A restore has to revoke those that
 * the origin had revoked; otherwise it would open tables to the API that were closed.
 */
export const API_ROLES: readonly string[] = ["anon", "authenticated", "service_role"];

/** Extensions that a plain PostgreSQL does not have. A restore goes on without them. */
export const PLATFORM_EXTENSIONS: readonly string[] = [
  "hypopg",
  "index_advisor",
  "pg_cron",
  "pg_graphql",
  "pg_net",
  "pg_stat_monitor",
  "pg_stat_statements",
  "pg_tle",
  "pgaudit",
  "pgjwt",
  "pgsodium",
  "plpgsql_check",
  "supabase-dbdev",
  "supabase_vault",
];

/** Publications that the platform keeps for itself. */
export const PLATFORM_PUBLICATIONS: readonly string[] = [
  "supabase_realtime_messages_publication",
  "logflare_pub",
];
