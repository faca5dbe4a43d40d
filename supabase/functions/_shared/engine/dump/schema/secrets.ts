const JSON_WEB_TOKEN = /\beyJ[\w-]+\.(eyJ[\w-]+)\.[\w-]+/g;
const SECRET_KEY = /\bsb_secret_[\w-]+/g;
const PLACEHOLDER = "<secret removed by Lifeboat>";

/**
 * `sql` without the project's keys, which people write into webhooks, cron jobs and functions. Publishable keys stay:
 * they are public. Another project has other keys anyway, so nothing is lost that could be used there.
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
    // Not a token that can be read, so not one that is known to be public.
    return false;
  }
}
