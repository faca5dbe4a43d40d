import { sha256Hex } from "../checksum.ts";
import type { DumpManifest, VerifyDetails } from "../../contract/mod.ts";
import type { DumpCheckPosition, FilesPosition, VerifyFound, VerifyPosition } from "../../contract/verify_steps.ts";
import type { Session } from "../database.ts";
import { hasCode, LifeboatError } from "../errors.ts";
import { manifestKey } from "../format/keys.ts";
import { manifestProblems } from "../format/manifest_problems.ts";
import { readManifest } from "../points/read_manifest.ts";
import type { Budget } from "../run/budget.ts";
import type { Run, RunOutcome } from "../run/run.ts";
import { beginningOf, checkDump } from "./check_dump.ts";
import { checkMarker } from "./check_marker.ts";
import { checkMedia } from "./check_media.ts";
import { type BackupKind, type Damage, damageName, Findings } from "./damage.ts";
import { historyProblems } from "./history_problems.ts";
import { pointChanged } from "./point_changed.ts";
import {
  forgetCopies,
  type HistoryError,
  isStored,
  type PointRecord,
  readPointRecord,
  recordCheck,
} from "./point_record.ts";
import type { VerifyContext, VerifyDependencies, VerifySettings } from "./verify_context.ts";

/** The details of a run keep so many damaged things; the point's own record has them all. */
const MOST_SHOWN = 1_000;

/** One invocation's part in a verify. */
export interface VerifyStep {
  readonly position: VerifyPosition;
  readonly budget: Budget;
  /** Warnings for the owner besides the findings. */
  readonly warnings: readonly string[];
  /** What the invocations before found, in their order. */
  earlier(): Promise<readonly VerifyFound[]>;
}

/** The budget was spent: another invocation goes on here. */
export interface VerifyCheckpoint {
  readonly position: VerifyPosition;
  readonly found: VerifyFound;
}

/**
 * Reads the stored bytes of the run's recovery point back until the budget is spent, and at the end writes down what came
 * of it. A point with damage turns `damaged` in the history and the run `failed` (`backup_damaged`), with every damaged
 * thing named. One of which nothing could be looked at is not verified by it, and the run `partial`. Damage
 * is what the store's answers or the bytes prove; whatever keeps the check from being made is thrown and says nothing
 * about the point: `store_unavailable` and the like, `format_unknown`, `nothing_to_verify`, `bucket_not_ours`,
 * `point_changed`.
 */
export async function verifyPoint(
  dependencies: VerifyDependencies,
  settings: VerifySettings,
  step: VerifyStep,
  run: Run,
): Promise<{ readonly outcome: RunOutcome } | VerifyCheckpoint> {
  const { signal } = run;
  const { budget } = step;
  let { position } = step;
  const record = await inSession(
    dependencies,
    signal,
    (session) => readPointRecord(session, run.project, run.recoveryPoint, signal),
  );
  const findings = new Findings(record.damage);
  findings.warnings.push(...step.warnings);
  const context: VerifyContext = {
    dependencies,
    settings,
    request: position,
    seed: position.seed,
    budget,
    findings,
    run,
  };
  if (position.phase === "dump" && !budget.spent()) {
    const reached = await checkDatabase(context, record, position.dump);
    position = { ...position, dump: reached?.dump ?? null, ...(reached?.done ?? true) && { phase: "files" } };
  }
  if (position.phase === "files" && !budget.spent()) {
    const { files, done } = await checkMedia(context, record.media, position.files);
    position = { ...position, files, ...done && { phase: "done" } };
  }
  if (position.phase !== "done") return { position, found: findings.save() };
  await run.confirm();
  const found = together([...await step.earlier(), findings.save()]);
  return { outcome: await conclude(context, record, position, found) };
}

/** The dump as far as its manifest can be followed. */
async function checkDatabase(context: VerifyContext, record: PointRecord, before: DumpCheckPosition | null) {
  const isOurs = before !== null || await checkMarker(context);
  const read = await checkManifest(context, record, isOurs);
  if (!read) return undefined;
  const sum = sha256Hex(context.dependencies.checksums, new TextEncoder().encode(read.text));
  if (before && before.manifest !== sum) {
    throw pointChanged(manifestKey(context.run.project, context.run.recoveryPoint));
  }
  return await checkDump(context, read.manifest, before ?? beginningOf(read.manifest, sum));
}

/** The point's manifest when it can be followed; what is wrong with it is noted. */
async function checkManifest(
  { dependencies, findings, run }: VerifyContext,
  { database, media }: PointRecord,
  isOurs: boolean,
): Promise<{ readonly manifest: DumpManifest; readonly text: string } | undefined> {
  const { project, recoveryPoint, signal } = run;
  const thing = { half: "database", key: manifestKey(project, recoveryPoint), what: "the manifest" } as const;
  try {
    const read = await readManifest(dependencies.store, project, recoveryPoint, signal);
    findings.checkedAll(thing.key);
    const problems = [
      ...manifestProblems(read.manifest, { project, recoveryPoint }, dependencies.checksums),
      ...historyProblems(read.manifest, database),
    ];
    for (const { code, reason } of problems) findings.add({ ...thing, what: `the manifest: ${reason}`, code, reason });
    // One that leads to another point's objects is not followed.
    return problems.some(({ code }) => code === "manifest_foreign") ? undefined : read;
  } catch (error) {
    if (hasCode(error, "manifest_damaged")) {
      findings.add({ ...thing, code: "manifest_damaged", reason: error.message });
    } else if (!hasCode(error, "point_missing")) {
      throw error;
    } else if (!isOurs) {
      throw bucketNotOurs(recoveryPoint);
    } else if (isStored(database)) {
      findings.add({ ...thing, code: "object_missing", reason: "the store says that it is not there" });
    } else if (!isStored(media)) {
      throw nothingToVerify(recoveryPoint);
    }
    return undefined;
  }
}

/** What all invocations found, each thing once. */
function together(steps: readonly VerifyFound[]): VerifyFound {
  const damage = new Map(steps.flatMap((step) => step.damage).map((entry) => [damageName(entry), entry]));
  return {
    damage: [...damage.values()],
    rechecked: steps.flatMap(({ rechecked }) => rechecked),
    damagedCopies: steps.flatMap(({ damagedCopies }) => damagedCopies),
    warnings: [...new Set(steps.flatMap(({ warnings }) => warnings))],
  };
}

async function conclude(
  { dependencies, request, run }: VerifyContext,
  record: PointRecord,
  { dump, files }: VerifyPosition,
  found: VerifyFound,
): Promise<RunOutcome> {
  const deep = request.coverage === "deep";
  const names = new Set(found.damage.map(damageName));
  const rechecked = new Set(found.rechecked);
  // What was damaged once is whole again only when a deep check looked at that very thing.
  const open = record.damage.filter((earlier) =>
    !names.has(damageName(earlier)) && !(deep && rechecked.has(damageName(earlier)))
  );
  const damage = [...found.damage, ...open];
  const warnings = [...found.warnings];
  if (open.length > 0) {
    warnings.push(
      `${count(open.length, "thing")} found damaged before ${open.length === 1 ? "was" : "were"} ` +
        "not proved whole: verify with coverage deep.",
    );
  }
  const coverage = coverageOf(dump, files!);
  const looked = files!.looked && (dump === null || dump.membersTotal === 0 || dump.membersChecked > 0);
  const halves = { ...errorOf("database", damage), ...errorOf("media", damage) };
  await inSession(dependencies, run.signal, async (session) => {
    await recordCheck(session, run, { deep, looked, coverage, damage, halves }, run.signal);
    await forgetCopies(session, found.damagedCopies, run.signal);
  });
  const details: VerifyDetails = {
    verifiedRecoveryPoint: run.recoveryPoint,
    coverage,
    tablesChecked: dump?.tablesChecked ?? 0,
    rowsChecked: dump?.rowsChecked ?? 0,
    damage: damage.slice(0, MOST_SHOWN).map(({ code, key, what, reason }) => ({ code, key, what, reason })),
    ledger: leftOut(coverage),
    warnings: [
      ...warnings,
      ...(damage.length > MOST_SHOWN ? [`Of ${damage.length} damaged things, ${MOST_SHOWN} are listed.`] : []),
    ],
  };
  const error = halves.database ?? halves.media;
  return {
    status: error ? "failed" : looked ? "success" : "partial",
    ...(dump && { manifestKey: manifestKey(run.project, run.recoveryPoint) }),
    tables: details.tablesChecked,
    rows: details.rowsChecked,
    files: coverage.filesChecked,
    ...(error && { errorCode: error.code, errorMessage: summary(damage), errorHint: error.hint }),
    details: { ...details },
  };
}

function coverageOf(dump: DumpCheckPosition | null, files: FilesPosition): VerifyDetails["coverage"] {
  return {
    membersChecked: dump?.membersChecked ?? 0,
    membersTotal: dump?.membersTotal ?? 0,
    bytesChecked: (dump?.bytesChecked ?? 0) + files.bytesRead,
    bytesTotal: (dump?.bytesTotal ?? 0) + files.bytesTotal,
    filesChecked: files.filesChecked,
    filesRead: files.filesRead,
    filesTotal: files.filesTotal,
  };
}

function errorOf(kind: BackupKind, damage: readonly Damage[]): Partial<Record<BackupKind, HistoryError>> {
  const own = damage.filter((entry) => entry.half === kind);
  if (own.length === 0) return {};
  return {
    [kind]: {
      code: "backup_damaged",
      message: summary(own),
      hint: "Restore from another recovery point if you have to. Run a new backup now; the details of the verify run " +
        "name everything that is damaged.",
    },
  };
}

function summary(damage: readonly Damage[]): string {
  const [{ what, key, reason }] = damage;
  const verb = damage.length === 1 ? "is" : "are";
  return `${
    count(damage.length, "thing")
  } in this recovery point ${verb} damaged, first: ${what} in ${key}: ${reason}.`;
}

/** What nobody has looked at this time, in words. */
function leftOut(coverage: VerifyDetails["coverage"]): VerifyDetails["ledger"] {
  const { membersChecked, membersTotal, filesChecked, filesRead, filesTotal } = coverage;
  const entry = (kind: string, left: number, total: number, reason: string) =>
    left > 0 ? [{ kind, identity: `${left} of ${total}`, reason, severity: "expected" as const }] : [];
  return [
    ...entry("members of the dump", membersTotal - membersChecked, membersTotal, "not read this time"),
    ...entry("files", filesTotal - filesChecked, filesTotal, "not looked for this time"),
    ...entry("files", filesChecked - filesRead, filesTotal, "found in the right size and version, not read this time"),
  ];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

async function inSession<Result>(
  { database }: VerifyDependencies,
  signal: AbortSignal,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const session = await database.connect({ applicationName: "lifeboat verify" }, signal);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

function nothingToVerify(point: string): LifeboatError {
  return new LifeboatError({
    code: "nothing_to_verify",
    kind: "missing",
    message: `Nothing was stored for recovery point ${point}.`,
    hint: "Its run did not succeed. Verify another recovery point.",
    operation: "verify",
    subject: point,
  });
}

function bucketNotOurs(point: string): LifeboatError {
  return new LifeboatError({
    code: "bucket_not_ours",
    kind: "permanent",
    message: `The bucket neither holds recovery point ${point} nor says that it is this project's.`,
    hint: "Check AWS_S3_BUCKET, S3_ENDPOINT and S3_PREFIX. If they are right, the whole bucket was emptied.",
    operation: "verify",
    subject: point,
  });
}
