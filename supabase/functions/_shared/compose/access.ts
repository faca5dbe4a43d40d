import { createSupabaseAuth } from "../adapters/supabase/auth.ts";
import type { AccessConfiguration, Configuration } from "../config/mod.ts";
import { createAccess } from "../http/access.ts";
import { isAdmin } from "../http/admin_role.ts";
import type { Access } from "../http/handler.ts";
import { composeDatabase } from "./database.ts";

/** A caller waits for the answer, so an unreachable database is reported sooner than in a run. */
const ADMIN_CHECK_TIMEOUT_MS = 10_000;

/** Builds what decides whether a caller is let in. */
export function composeAccess(access: AccessConfiguration, configuration?: Configuration): Access {
  const auth = createSupabaseAuth({
    supabaseUrl: access.supabaseUrl,
    publicKey: access.publicKey.reveal(),
    secretKeys: access.secretKeys.map((key) => key.reveal()),
    ...access.legacyServiceRoleKey && { legacyServiceRoleKey: access.legacyServiceRoleKey.reveal() },
  });
  const database = composeDatabase(access, ADMIN_CHECK_TIMEOUT_MS);
  return createAccess(
    access,
    { ...auth, isAdmin: (userId, signal) => isAdmin(database, userId, signal) },
    configuration?.secrets,
  );
}
