import type { Session } from "@supabase/supabase-js";
import { useEffect, useState } from "react";
import { queryClient } from "../../lib/query-client.ts";
import { supabase } from "../../lib/supabase.ts";

/** Who is signed in; undefined until it is known, null for nobody. */
export function useSession(): Session | null | undefined {
  const [session, setSession] = useState<Session | null>();
  useEffect(() => {
    const { data } = supabase().auth.onAuthStateChange((event, next) => {
      // What one account has read is not for the next.
      if (event === "SIGNED_OUT") queryClient.clear();
      setSession((old) => old && next && old.access_token === next.access_token ? old : next);
    });
    return () => data.subscription.unsubscribe();
  }, []);
  return session;
}
