import * as z from "zod";

const settingsFile = z.object({ supabaseUrl: z.url(), supabasePublishableKey: z.string().min(1) });

export interface Settings {
  readonly supabaseUrl: string;
  readonly supabasePublishableKey: string;
}

/**
 * The project that this page belongs to: VITE_SUPABASE_URL and VITE_SUPABASE_PUBLISHABLE_KEY at build time, or else
 * `config.json` beside index.html, so that one build serves any project. Null when there is neither.
 */
export async function loadSettings(signal?: AbortSignal): Promise<Settings | null> {
  const supabaseUrl = import.meta.env.VITE_SUPABASE_URL;
  const supabasePublishableKey = import.meta.env.VITE_SUPABASE_PUBLISHABLE_KEY;
  if (supabaseUrl && supabasePublishableKey) return { supabaseUrl, supabasePublishableKey };

  const response = await fetch(`${import.meta.env.BASE_URL}config.json`, { signal, cache: "no-cache" });
  // Hosts of single-page apps answer with index.html for files that they do not have.
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  if (response.status === 404 || (response.ok && !isJson)) return null;
  if (!response.ok) throw new Error(`config.json could not be read: the web server answered ${response.status}.`);
  return settingsFile.parse(await response.json());
}
