import type { DumpManifest } from "../../contract/mod.ts";
import { formatUnknown } from "./manifest.ts";
import { BackupDamage, describeMember, type PlacedMember } from "./member.ts";
import type { SchemaStatement, SequenceValue } from "./schema_statement.ts";
import { withoutServerOptions } from "./server_options.ts";

/** The part of the document's head that a restore needs. */
export interface PointSchema {
  readonly statements: readonly SchemaStatement[];
  readonly sequences: readonly SequenceValue[];
}

const OPENING = ',"tables":{\n';
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads the document's head, which is everything before the tables. Throws BackupDamage when the head is cut off,
 * malformed, or belongs to another recovery point, and `format_unknown` when a newer Lifeboat wrote it.
 */
export function readDocumentHead(
  manifest: DumpManifest,
  placed: PlacedMember,
  raw: Uint8Array<ArrayBuffer>,
): PointSchema {
  const insist = (holds: boolean, reason: string) => {
    if (!holds) throw new BackupDamage(describeMember(manifest, placed), "undecodable", reason);
  };
  const text = decode(manifest, placed, raw);
  insist(text.endsWith(OPENING), "the document does not begin as it should");
  const head = parse(manifest, placed, `${text}}}`);
  insist(head.format === "lifeboat-dump", "the document does not say that it is a dump");
  if (head.formatVersion !== 1) throw formatUnknown(manifest.dump.key, head.formatVersion);
  insist(
    head.project === manifest.project && head.recoveryPoint === manifest.recoveryPoint,
    "the document says that it belongs to another recovery point",
  );
  const { statements, sequences } = (head.schema ?? {}) as { statements?: unknown; sequences?: unknown };
  insist(isListOf(statements, ["section", "kind", "identity", "sql"]), "its schema is malformed");
  insist(isListOf(sequences, ["schema", "name", "lastValue"]), "its sequences are malformed");
  return {
    statements: withoutServerOptions(statements as SchemaStatement[]),
    sequences: sequences as SequenceValue[],
  };
}

/** Checks that the document's tail, which is everything after the tables, is valid JSON. Throws BackupDamage. */
export function checkDocumentTail(manifest: DumpManifest, placed: PlacedMember, raw: Uint8Array<ArrayBuffer>): void {
  parse(manifest, placed, `{"tables":{${decode(manifest, placed, raw)}`);
}

function decode(manifest: DumpManifest, placed: PlacedMember, bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new BackupDamage(describeMember(manifest, placed), "undecodable", "it is not UTF-8", cause);
  }
}

function parse(manifest: DumpManifest, placed: PlacedMember, text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BackupDamage(describeMember(manifest, placed), "undecodable", "it is not JSON", cause);
  }
}

function isListOf(value: unknown, texts: readonly string[]): boolean {
  return Array.isArray(value) &&
    value.every((item) =>
      typeof item === "object" && item !== null && texts.every((name) => typeof item[name] === "string")
    );
}
