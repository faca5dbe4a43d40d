import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { Settings } from "./settings.ts";

let client: SupabaseClient | undefined;

/** Must be called once, before anything is shown. */
export function connectSupabase({ supabaseUrl, supabasePublishableKey }: Settings): void {
  client ??= createClient(supabaseUrl, supabasePublishableKey);
}

export function supabase(): SupabaseClient {
  if (client === undefined) throw new Error("connectSupabase has not been called.");
  return client;
}
