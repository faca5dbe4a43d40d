/** What secrets look like wherever they turn up in somebody else's error text. */
const SECRETS: readonly [RegExp, string][] = [
  // scheme://user:password@host
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@:]*:[^\s@]+@/gi, "$1[removed]@"],
  // Query parameters of signed URLs and tokens in links.
  [/([?&](?:X-Amz-[A-Za-z-]+|AWSAccessKeyId|Signature|token|apikey)=)[^\s&"']+/gi, "$1[removed]"],
  // Supabase and Resend keys, JSON web tokens, AWS key ids.
  [/\b(?:sb_secret_|sb_publishable_)[A-Za-z0-9_-]{8,}|\bre_[A-Za-z0-9_]{16,}/g, "[removed]"],
  [/\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?/g, "[removed]"],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, "[removed]"],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, "$1 [removed]"],
];

/**
 * Text fit for the history: secrets taken out, characters that PostgreSQL cannot store replaced, at most `maxLength`
 * characters.
 */
export function safeText(text: string, maxLength: number): string {
  const cleared = SECRETS.reduce((result, [pattern, instead]) => result.replace(pattern, instead), storable(text));
  return cleared.length <= maxLength ? cleared : `${storable(cleared.slice(0, maxLength - 1))}…`;
}

/** JSON text that a jsonb column accepts: it refuses NUL and halves of surrogate pairs, which file names may hold. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner) => {
    if (typeof inner === "string") return storable(inner);
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, member]) => [storable(key), member]));
  });
}

function storable(text: string): string {
  // Encoding replaces lone surrogates by U+FFFD.
  return new TextDecoder().decode(new TextEncoder().encode(text)).replaceAll("\0", "\uFFFD");
}
