import { type PointSchema, readDocumentHead } from "../format/document_ends.ts";
import type { OpenPoint } from "./open_point.ts";
import { type PointReader, readMembers } from "./read_members.ts";

/** Reads the schema out of the head of the dump. Throws `backup_damaged`, `format_unknown` and the store's errors. */
export async function readSchema(
  reader: PointReader,
  { manifest, dump }: OpenPoint,
  signal?: AbortSignal,
): Promise<PointSchema> {
  const [member] = manifest.members;
  for await (const { raw, ...placed } of readMembers(reader, manifest, dump, [{ member, index: 0 }], signal)) {
    return readDocumentHead(manifest, placed, raw);
  }
  throw new Error("readMembers yields every member or throws");
}
