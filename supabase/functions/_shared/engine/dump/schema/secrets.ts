const JSON_WEB_TOKEN = /\beyJ[\w-]+\.(eyJ[\w-]+)\.[\w-]+/g;
const SECRET_KEY = /\bsb_secret_[\w-]+/g;
const PLACEHOLDER = "<secret removed by Lifeboat>";

/**
 * `sql` without the project's keys, which people write into webhooks, cron jobs and functions. Publishable keys stay,
 * since they are public. Nothing useful is lost, because the target project has other keys.
 */
export function withoutSecrets(sql: string): string {
  if (!sql.includes("eyJ") && !sql.includes("sb_secret_")) return sql;
  return sql
    .replace(SECRET_KEY, PLACEHOLDER)
    .replace(JSON_WEB_TOKEN, (token, payload: string) => isPublic(payload) ? token : PLACEHOLDER);
}

function isPublic(payload: string): boolean {
  try {
    return JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))).role === "anon";
  } catch {
    // A text that is no readable token is not known to be public.
    return false;
  }
}
