import type { Session } from "@supabase/supabase-js";
import { useEffect, useState } from "react";
import { queryClient } from "../../lib/query-client.ts";
import { supabase } from "../../lib/supabase.ts";

/** The session; undefined until it is known, null when nobody is logged in. */
export function useSession(): Session | null | undefined {
  const [session, setSession] = useState<Session | null>();
  useEffect(() => {
    const { data } = supabase().auth.onAuthStateChange((event, next) => {
      // The next account must not see what this one has read.
      if (event === "SIGNED_OUT") queryClient.clear();
      setSession((old) => old && next && old.access_token === next.access_token ? old : next);
    });
    return () => data.subscription.unsubscribe();
  }, []);
  return session;
}
