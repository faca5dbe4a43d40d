import { type FailureKind, LifeboatError } from "../../engine/errors.ts";
import { StoreAnswer } from "../../engine/store/store_answer.ts";
import { metadataTooLarge } from "./metadata.ts";

/** What an S3 server said when it refused, from the SDK's error or from the XML of a plain answer. */
export interface S3Answer {
  readonly status?: number;
  readonly code?: string;
  readonly message?: string;
  readonly requestId?: string;
  readonly retryAfter?: string;
}

interface Verdict {
  readonly code: string;
  readonly kind: FailureKind;
  readonly says: string;
  readonly hint: string;
}

const missing: Verdict = {
  code: "object_missing",
  kind: "missing",
  says: "The object is not in the bucket",
  hint: "Check the key; the object may have been removed, or its version may have expired.",
};
const refused: Verdict = {
  code: "store_refused",
  kind: "refused",
  says: "The bucket refused the request",
  hint:
    "Check the access key and its permissions: s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload, and s3:ListBucket, without which S3 answers 403 for an object that is not there.",
};
const unavailable: Verdict = {
  code: "store_unavailable",
  kind: "transient",
  says: "The bucket could not be reached or is overloaded",
  hint: "It is tried again by itself. If it stays so, check the provider's status page, the endpoint and the network.",
};
const corrupt: Verdict = {
  code: "object_corrupt",
  kind: "transient",
  says: "The bytes that arrived are not the bytes that were sent",
  hint: "It is tried again by itself. If it stays so, something between here and the bucket damages data.",
};
const failed: Verdict = {
  code: "store_failed",
  kind: "permanent",
  says: "The bucket could not carry out the request",
  hint: "Read the provider's own code and sentence; nothing that was stored before is harmed.",
};
const uploadMissing: Verdict = {
  code: "upload_missing",
  kind: "permanent",
  says: "The multipart upload is not there any more",
  hint: "It was aborted, completed or cleaned up by a lifecycle rule; begin the upload again.",
};
const partMissing: Verdict = {
  ...uploadMissing,
  says: "A part of the multipart upload is not there or was replaced by a writer that came late",
};
const bucketMissing: Verdict = {
  code: "bucket_missing",
  kind: "permanent",
  says: "The bucket does not exist",
  hint: "Check AWS_S3_BUCKET, AWS_REGION and S3_ENDPOINT, or create the bucket.",
};
const precondition: Verdict = {
  code: "store_precondition_failed",
  kind: "conflict",
  says: "The object is not in the state that was required: another writer was there first",
  hint: "Read the object again and decide anew.",
};
const credentialsExpired: Verdict = {
  ...refused,
  says: "The bucket refused the credentials because they have expired or are not complete",
  hint: "Issue new credentials; temporary ones also need their session token.",
};
const credentialsWrong: Verdict = {
  ...refused,
  says: "The bucket does not accept the access key",
  hint: "Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: they must belong together and to this provider.",
};
const clockSkewed: Verdict = {
  ...refused,
  says: "The bucket refused the request because this machine's clock is wrong",
  hint: "Set the clock: S3 accepts requests that are at most 15 minutes off.",
};
const wrongRegion: Verdict = {
  ...failed,
  says: "The bucket is in another region or behind another endpoint",
  hint: "Set AWS_REGION (and S3_ENDPOINT) to those of the bucket.",
};
const nameTaken: Verdict = {
  ...failed,
  says: "The bucket keeps objects as files, and this name needs a folder where a file is, or the reverse",
  hint:
    "Such a server cannot hold both `a` and `a/b`. Rename one of the objects, or use a store with a flat name space.",
};
const full: Verdict = { ...failed, says: "The bucket is full", hint: "Free space or raise the quota." };
const archived: Verdict = {
  ...failed,
  says: "The object is in a storage class that cannot be read at once",
  hint: "Restore it from the archive class first, and keep lifecycle rules off this bucket.",
};

/** Providers' codes that say more than the status. Unlisted ones are judged by their status. */
const byCode: Readonly<Record<string, Verdict>> = {
  NoSuchKey: missing,
  NoSuchVersion: missing,
  NoSuchBucket: bucketMissing,
  NoSuchUpload: uploadMissing,
  InvalidPart: partMissing,
  PreconditionFailed: precondition,
  AccessDenied: refused,
  AllAccessDisabled: refused,
  AccountProblem: refused,
  InvalidAccessKeyId: credentialsWrong,
  SignatureDoesNotMatch: credentialsWrong,
  Unauthorized: credentialsWrong,
  XAdminUserNotFound: credentialsWrong,
  ExpiredToken: credentialsExpired,
  ExpiredTokenException: credentialsExpired,
  InvalidToken: credentialsExpired,
  TokenRefreshRequired: credentialsExpired,
  RequestTimeTooSkewed: clockSkewed,
  RequestExpired: clockSkewed,
  PermanentRedirect: wrongRegion,
  AuthorizationHeaderMalformed: wrongRegion,
  IllegalLocationConstraintException: wrongRegion,
  // 400 in S3, but they say that the connection was cut or the store is busy.
  IncompleteBody: unavailable,
  RequestTimeout: unavailable,
  ClientDisconnected: unavailable,
  TemporaryRedirect: unavailable,
  SlowDown: unavailable,
  SlowDownRead: unavailable,
  SlowDownWrite: unavailable,
  TooManyRequests: unavailable,
  Throttling: unavailable,
  ThrottlingException: unavailable,
  RequestLimitExceeded: unavailable,
  InternalError: unavailable,
  ServiceUnavailable: unavailable,
  OperationAborted: unavailable,
  // Two conditional writes at once: AWS asks to repeat, and the repetition gives the real answer.
  ConditionalRequestConflict: unavailable,
  BadDigest: corrupt,
  XAmzContentSHA256Mismatch: corrupt,
  XAmzContentChecksumMismatch: corrupt,
  InvalidObjectState: archived,
  ObjectParentIsFile: nameTaken,
  ExistingObjectIsDirectory: nameTaken,
  XMinioParentIsObject: nameTaken,
  XMinioObjectExistsAsDirectory: nameTaken,
  XMinioStorageFull: full,
  QuotaExceeded: full,
  XMinioAdminBucketQuotaExceeded: full,
  InsufficientStorage: full,
};

function byStatus(status: number | undefined): Verdict {
  if (status === undefined) return failed;
  if (status === 401 || status === 403) return refused;
  if (status === 412) return precondition;
  if (status === 301 || status === 308) return wrongRegion;
  if (status === 307 || status === 408 || status === 429) return unavailable;
  if (status === 507) return full;
  if (status >= 500 && status !== 501 && status !== 505) return unavailable;
  // 404 is not here: without a code it may be the bucket, the object or a proxy that knows neither.
  return failed;
}

/** The LifeboatError for what a store answered. */
export function answerFailure(
  answer: S3Answer,
  operation: string,
  subject: string | undefined,
  redact: (text: string) => string,
): LifeboatError {
  if (answer.code === "MetadataTooLarge") return metadataTooLarge(subject);
  const verdict = (answer.code && byCode[answer.code]) || byStatus(answer.status);
  const details = [answer.status, answer.code, answer.message && redact(answer.message).slice(0, 300)];
  return failureOf(verdict, details.filter(Boolean).join(" "), operation, subject, {
    status: answer.status,
    providerCode: answer.code,
    requestId: answer.requestId,
    retryAfterMs: retryAfterMs(answer.retryAfter),
  });
}

/** The store, or the way to it, did not answer as it should: worth another try. */
export function unavailableFailure(reason: string, operation: string, subject?: string): LifeboatError {
  return failureOf(unavailable, reason, operation, subject);
}

/** What arrived is not what was sent. */
export function corruptFailure(reason: string, operation: string, subject?: string): LifeboatError {
  return failureOf(corrupt, reason, operation, subject);
}

/** Anything that is neither an answer nor a broken connection. */
export function otherFailure(reason: string, operation: string, subject?: string): LifeboatError {
  return failureOf(failed, reason, operation, subject);
}

function failureOf(
  verdict: Verdict,
  reason: string,
  operation: string,
  subject?: string,
  answer: ConstructorParameters<typeof StoreAnswer>[1] = {},
): LifeboatError {
  return new LifeboatError({
    code: verdict.code,
    kind: verdict.kind,
    message: `${verdict.says} (${reason}).`,
    hint: verdict.hint,
    operation,
    subject,
    cause: new StoreAnswer(reason, answer),
  });
}

/** Retry-After is a number of seconds or a date. */
function retryAfterMs(header: string | undefined): number | undefined {
  if (!header) return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}
