/**
 * The headers that a key of the project travels in. The new keys (`sb_…`) are no JWTs: the platform turns the `apikey`
 * header into one and refuses them as a bearer token. https://supabase.com/docs/guides/api/api-keys
 */
export function keyHeaders(secretKey: string): Record<string, string> {
  const isLegacy = /^[\w-]+\.[\w-]+\.[\w-]+$/.test(secretKey);
  return { apikey: secretKey, ...(isLegacy ? { authorization: `Bearer ${secretKey}` } : {}) };
}
