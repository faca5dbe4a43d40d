/**
 * Headers that carry a key of the project. New keys (`sb_…`) are no JWTs: the platform accepts them as `apikey`, but
 * refuses them as a bearer token. https://supabase.com/docs/guides/api/api-keys
 */
export function keyHeaders(secretKey: string): Record<string, string> {
  const isLegacy = /^[\w-]+\.[\w-]+\.[\w-]+$/.test(secretKey);
  return { apikey: secretKey, ...(isLegacy ? { authorization: `Bearer ${secretKey}` } : {}) };
}
