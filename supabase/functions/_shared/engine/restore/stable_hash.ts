import type { Checksums } from "../checksum.ts";

/** Hashes texts, numbers and lists in a fixed order, so that equal values have equal hashes. */
export function stableHash(checksums: Checksums, value: unknown): string {
  const sum = checksums.sha256();
  sum.update(
    new TextEncoder().encode(
      JSON.stringify(
        value,
        (_name, item: unknown) =>
          typeof item === "object" && item !== null && !Array.isArray(item)
            ? Object.fromEntries(
              Object.entries(item).sort(([a], [b]) => a < b ? -1 : 1),
            )
            : item,
      ),
    ),
  );
  return sum.hex();
}
