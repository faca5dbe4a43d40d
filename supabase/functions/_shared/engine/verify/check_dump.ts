import type { DumpManifest } from "../../contract/mod.ts";
import type { DumpCheckPosition } from "../../contract/verify_steps.ts";
import { eachAtOnce } from "../each_at_once.ts";
import { checkDocumentTail, readDocumentHead } from "../format/document_ends.ts";
import { BackupDamage, describeMember, type PlacedMember } from "../format/member.ts";
import { cutRows, eachRow, rowDigest } from "../format/rows.ts";
import { tableName } from "../format/sql_names.ts";
import { type LocatedDump, locateDump, sizeDifference } from "../points/locate_dump.ts";
import { placedMembers, readMembers } from "../points/read_members.ts";
import { pointChanged } from "./point_changed.ts";
import { readAgain } from "./read_again.ts";
import { sampleShare, seededRandom, shuffled, type VerifyCoverage } from "./sampling.ts";
import { type MemberContent, TableSums } from "./table_sums.ts";
import type { VerifyContext } from "./verify_context.ts";
import { WORK } from "./work.ts";

/** What the damage lists call the dump as a whole. */
const WHOLE_DUMP = "the dump";
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Where the check of the dump stands. */
export interface DumpStep {
  readonly dump: DumpCheckPosition;
  /** False when the budget was spent before the last member. */
  readonly done: boolean;
}

/**
 * Reads members of the dump back: SHA-256, gunzip, JSON, rows, and of each table whose members were all read the digest
 * that the database computed. In an order that chance decides, so that samples look at other parts each time; first what
 * was damaged before. `before` is where the invocation before stopped; at least one member is read, so that each gets
 * further. Throws what the store throws when it does not answer, and `point_changed`.
 */
export async function checkDump(
  context: VerifyContext,
  manifest: DumpManifest,
  before: DumpCheckPosition,
): Promise<DumpStep> {
  const { request, dependencies, settings, findings, budget, run } = context;
  const { dump, members, tables } = manifest;
  const sums = new TableSums(manifest, before.partly);
  let { next, membersChecked, bytesChecked } = before;
  const located = await locateDump(dependencies.store, manifest, run.signal);
  // Of the object that lies there now, nobody has read what earlier invocations read of another.
  if (located && before.object !== null && located.etag !== before.object) throw pointChanged(dump.key);
  noteLocation(context, manifest, located);
  let done = true;
  if (located) {
    // The store says that it is another object: only reading all of it can tell whether its content is the same.
    const order = choose(context, manifest, located.asWritten ? request : { coverage: "deep" });
    const pending = function* () {
      while (next < order.length && (next === before.next || !budget.spent())) yield order[next++];
    };
    await eachAtOnce(pending(), settings.membersAtOnce, async (placed) => {
      const { member } = placed;
      run.signal.throwIfAborted();
      if (member.rawLength > settings.largestMemberBytes) return;
      budget.spend(WORK.request + WORK.readByte * member.length + member.rawLength);
      const content = await checkMember(context, manifest, located, placed);
      membersChecked++;
      bytesChecked += member.length;
      if (content && member.table !== null) sums.add(member.table, content);
      run.report({
        phase: "database",
        bytesDone: bytesChecked,
        bytesTotal: dump.sizeBytes,
        tablesTotal: tables.length,
      });
    });
    done = next >= order.length;
  }
  const tablesChecked = before.tablesChecked + compareDigests(context, manifest, sums);
  const damaged = before.damaged || findings.isDamaged(dump.key);
  if (located && done) {
    const allRead = membersChecked === members.length;
    // Of a manifest that was edited, an earlier check may have found members that the true one does not have.
    if (allRead) findings.checkedAll(dump.key);
    if (!located.asWritten) judgeOtherObject(context, manifest, located, { allRead, damaged });
  }
  const rowsChecked = before.rowsChecked + sums.rows;
  const counts = { next, membersChecked, bytesChecked, tablesChecked, rowsChecked };
  const object = located?.etag ?? null;
  return { dump: { ...before, ...counts, object, partly: sums.partly(), damaged }, done };
}

/** Where the check of a dump begins. */
export function beginningOf({ members, dump }: DumpManifest, manifestSum: string): DumpCheckPosition {
  return {
    manifest: manifestSum,
    object: null,
    next: 0,
    membersChecked: 0,
    membersTotal: members.length,
    bytesChecked: 0,
    bytesTotal: dump.sizeBytes,
    tablesChecked: 0,
    rowsChecked: 0,
    partly: [],
    damaged: false,
  };
}

/** What the place of the dump's bytes tells of it. */
function noteLocation({ findings }: VerifyContext, manifest: DumpManifest, located: LocatedDump | undefined): void {
  const { dump } = manifest;
  const thing = { half: "database", key: dump.key, what: WHOLE_DUMP } as const;
  if (!located) {
    findings.add({ ...thing, code: "object_missing", reason: "the store says that it is not there" });
  } else if (located.asWritten) {
    findings.checked(thing);
    if (!located.replaced) return;
    findings.warnings.push(`${dump.key} was ${located.replaced}; the version that was stored is still there.`);
  } else {
    const reason = sizeDifference(manifest, located);
    if (reason) findings.add({ ...thing, code: "size_differs", reason });
  }
}

/**
 * What was damaged before, then head and tail of the document, then as many of the others as the share asks for. The same
 * in every invocation.
 */
function choose({ findings, seed, settings }: VerifyContext, manifest: DumpManifest, coverage: VerifyCoverage) {
  const { dump } = manifest;
  const order = shuffled(placedMembers(manifest), seededRandom(seed));
  const rank = (placed: PlacedMember) =>
    findings.isKnown(thingOf(manifest, placed)) || findings.isKnown(tableThing(manifest, placed.member.table))
      ? 0
      : placed.member.table === null
      ? 1
      : 2;
  const ranks = new Map(order.map((placed) => [placed, rank(placed)]));
  order.sort((one, other) => ranks.get(one)! - ranks.get(other)!);
  const wantedBytes = sampleShare(coverage, dump.sizeBytes, settings.largestSampleBytes) * dump.sizeBytes;
  let bytes = 0;
  return order.filter((placed) => {
    const wanted = ranks.get(placed)! < 2 || bytes < wantedBytes;
    bytes += placed.member.length;
    return wanted;
  });
}

/** Undefined when the member is damaged, which is noted. */
async function checkMember(
  { dependencies, findings, run }: VerifyContext,
  manifest: DumpManifest,
  located: LocatedDump,
  placed: PlacedMember,
): Promise<MemberContent | undefined> {
  const { member } = placed;
  const thing = thingOf(manifest, placed);
  if (member.offset + member.length > located.sizeBytes) {
    findings.add({ ...thing, code: "object_missing", reason: "the dump ends before it" });
    return undefined;
  }
  const read = () => readMember(dependencies, manifest, located, placed, run.signal);
  try {
    const content = await readAgain(read, run.signal);
    findings.checked(thing);
    return content;
  } catch (error) {
    if (!(error instanceof BackupDamage)) throw error;
    findings.add({ ...thing, code: error.damage, reason: error.reason });
    return undefined;
  }
}

/** What the rows of a member hold; undefined for head and tail of the document. Throws BackupDamage, and as the store. */
async function readMember(
  dependencies: VerifyContext["dependencies"],
  manifest: DumpManifest,
  located: LocatedDump,
  placed: PlacedMember,
  signal: AbortSignal,
): Promise<MemberContent | undefined> {
  const { member, index } = placed;
  for await (const { raw } of readMembers(dependencies, manifest, located, [placed], signal)) {
    if (member.table === null) {
      if (index === 0) readDocumentHead(manifest, placed, raw);
      else checkDocumentTail(manifest, placed, raw);
      return undefined;
    }
    const table = manifest.tables.find((table) => tableName(table) === member.table);
    // A member of a table that the manifest does not have was noted with the manifest.
    if (!table) return undefined;
    const lines = cutRows(manifest, table, placed, raw);
    assertRows(manifest, placed, lines);
    let digest = 0n;
    for (const row of eachRow(lines)) digest += rowDigest(dependencies.checksums, row);
    return { rows: member.rows, digest };
  }
}

/** One call of the parser for all of them: one a row took a third more of a worker's CPU. */
function assertRows(manifest: DumpManifest, placed: PlacedMember, lines: Uint8Array<ArrayBuffer>): void {
  try {
    const rows: unknown[] = JSON.parse(`[${decoder.decode(lines)}]`);
    if (rows.length === placed.member.rows && rows.every(isRow)) return;
  } catch {
    // Whatever is no JSON is no row.
  }
  throw new BackupDamage(describeMember(manifest, placed), "undecodable", "one of its lines is not a row");
}

function isRow(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Compares the digests of tables that are read whole by now. Returns how many were equal. */
function compareDigests({ findings }: VerifyContext, manifest: DumpManifest, sums: TableSums): number {
  let equal = 0;
  for (const { name, table, digest } of sums.takeComplete()) {
    const thing = tableThing(manifest, name);
    findings.checked(thing);
    if (digest === table.digest) equal++;
    else findings.add({ ...thing, code: "digest_differs", reason: "its rows are not those that the database had" });
  }
  return equal;
}

/** An object with another ETag is the dump only if every byte of it proves so. */
function judgeOtherObject(
  { findings }: VerifyContext,
  { dump }: DumpManifest,
  located: LocatedDump,
  { allRead, damaged }: { readonly allRead: boolean; readonly damaged: boolean },
): void {
  if (located.sizeBytes !== dump.sizeBytes) return;
  const differs = `it has another ETag (${located.etag}) than what was stored (${dump.etag})`;
  const thing = { half: "database", key: dump.key, what: WHOLE_DUMP } as const;
  if (allRead && !damaged) {
    findings.checked(thing);
    findings.warnings.push(`${dump.key}: ${differs}, but every byte is right.`);
  } else {
    findings.add({
      ...thing,
      code: "etag_differs",
      reason: `${differs}, and ${allRead ? "parts of it are damaged" : "not all of it was read"}`,
    });
  }
}

function thingOf({ dump }: DumpManifest, { member, index }: PlacedMember) {
  const belongs = member.table === null ? "around the tables" : `of table ${member.table}`;
  return { half: "database", key: dump.key, what: `member ${index} ${belongs}` } as const;
}

function tableThing({ dump }: DumpManifest, name: string | null) {
  return { half: "database", key: dump.key, what: `table ${name}` } as const;
}
