import { backupDamaged } from "./backup_damaged.ts";
import type { SchemaStatement, SequenceValue } from "./dump_language.ts";
import { readMembers } from "./read_members.ts";
import { assertFormat, type OpenPoint, type PointReader } from "./read_point.ts";
import { withoutServerOptions } from "./server_options.ts";

/** What a restore needs of the document's head. */
export interface PointSchema {
  readonly statements: readonly SchemaStatement[];
  readonly sequences: readonly SequenceValue[];
}

const OPENING = ',"tables":{';

/** Reads the schema out of the head of the dump. Throws `backup_damaged`, `format_unknown` and the store's errors. */
export async function readSchema(reader: PointReader, point: OpenPoint, signal?: AbortSignal): Promise<PointSchema> {
  const { manifest } = point;
  const { key } = manifest.dump;
  const firstTable = manifest.members.findIndex((member) => member.table !== null);
  const members = manifest.members.slice(0, firstTable < 0 ? undefined : firstTable);
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  for await (const { bytes } of readMembers(reader, point, members, signal)) {
    text += decoder.decode(bytes, { stream: true });
  }
  // JSON has no raw line breaks, so the first one ends the head.
  const [line] = text.split("\n", 1);
  if (!line.endsWith(OPENING)) throw backupDamaged(key, `the head of ${key} is cut off`);
  let head: Record<string, unknown>;
  try {
    head = JSON.parse(`${line}}}`);
  } catch (cause) {
    throw backupDamaged(key, `the head of ${key} is not JSON`, cause);
  }
  assertFormat(head, "lifeboat-dump", 1, key);
  if (head.project !== manifest.project || head.recoveryPoint !== manifest.recoveryPoint) {
    throw backupDamaged(key, `${key} holds the dump of another point`);
  }
  const schema = head.schema as { statements?: unknown; sequences?: unknown } | undefined;
  const { statements, sequences } = schema ?? {};
  if (!isListOf<SchemaStatement>(statements, ["section", "kind", "identity", "sql"])) {
    throw backupDamaged(key, `the schema in ${key} is malformed`);
  }
  if (!isListOf<SequenceValue>(sequences, ["schema", "name", "lastValue"])) {
    throw backupDamaged(key, `the sequences in ${key} are malformed`);
  }
  return { statements: withoutServerOptions(statements), sequences };
}

function isListOf<Item>(value: unknown, texts: readonly (keyof Item)[]): value is Item[] {
  return Array.isArray(value) &&
    value.every((item) =>
      typeof item === "object" && item !== null && texts.every((name) => typeof item[name] === "string")
    );
}
