import { toastError } from "../../lib/toast-error.tsx";
import { supabase } from "../../lib/supabase.ts";

/** Ends the session of this browser only. */
export async function signOut(): Promise<void> {
  const { error } = await supabase().auth.signOut({ scope: "local" });
  if (error) toastError("Signing out failed", error);
}
