/**
 * The order of S3 listings: UTF-8 bytes, which is the order of code points. Comparing JavaScript strings is not the same:
 * there U+FF5E comes after the emoji, whose surrogates are smaller.
 */
export function compareKeys(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index++) {
    const a = one.charCodeAt(index);
    const b = other.charCodeAt(index);
    if (a === b) continue;
    // Surrogates (D800–DFFF) stand for code points above all others.
    const aIsHigh = isSurrogate(a);
    return aIsHigh === isSurrogate(b) ? a - b : aIsHigh ? 1 : -1;
  }
  return one.length - other.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
