import { type FailureKind, LifeboatError } from "../../engine/errors.ts";
import { StoreAnswer } from "../../engine/store/store_answer.ts";
import { metadataTooLarge } from "./metadata.ts";

/** An S3 server's refusal, taken from the SDK's error or from the XML of an answer to one of our own requests. */
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

const MISSING: Verdict = {
  code: "object_missing",
  kind: "missing",
  says: "The object is not in the bucket",
  hint: "Check the key; the object may have been removed, or its version may have expired.",
};
const REFUSED: Verdict = {
  code: "store_refused",
  kind: "refused",
  says: "The bucket refused the request",
  hint:
    "Check the access key and its permissions: s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload, and s3:ListBucket, without which S3 answers 403 for an object that is not there.",
};
const UNAVAILABLE: Verdict = {
  code: "store_unavailable",
  kind: "transient",
  says: "The bucket could not be reached or is overloaded",
  hint: "It is tried again by itself. If it stays so, check the provider's status page, the endpoint and the network.",
};
const CORRUPT: Verdict = {
  code: "object_corrupt",
  kind: "transient",
  says: "The bytes that arrived are not the bytes that were sent",
  hint: "It is tried again by itself. If it stays so, something between here and the bucket damages data.",
};
const FAILED: Verdict = {
  code: "store_failed",
  kind: "permanent",
  says: "The bucket could not carry out the request",
  hint: "Read the provider's own code and sentence; nothing that was stored before is harmed.",
};
const UPLOAD_MISSING: Verdict = {
  code: "upload_missing",
  kind: "permanent",
  says: "The multipart upload is not there any more",
  hint: "It was aborted, completed or cleaned up by a lifecycle rule; begin the upload again.",
};
const PART_MISSING: Verdict = {
  ...UPLOAD_MISSING,
  says: "A part of the multipart upload is not there or was replaced by a writer that came late",
};
const BUCKET_MISSING: Verdict = {
  code: "bucket_missing",
  kind: "permanent",
  says: "The bucket does not exist",
  hint: "Check AWS_S3_BUCKET, AWS_REGION and S3_ENDPOINT, or create the bucket.",
};
const PRECONDITION: Verdict = {
  code: "store_precondition_failed",
  kind: "conflict",
  says: "The object is not in the state that was required: another writer was there first",
  hint: "Read the object again and decide anew.",
};
const CREDENTIALS_EXPIRED: Verdict = {
  ...REFUSED,
  says: "The bucket refused the credentials because they have expired or are not complete",
  hint: "Issue new credentials; temporary ones also need their session token.",
};
const CREDENTIALS_WRONG: Verdict = {
  ...REFUSED,
  says: "The bucket does not accept the access key",
  hint: "Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: they must belong together and to this provider.",
};
const CLOCK_SKEWED: Verdict = {
  ...REFUSED,
  says: "The bucket refused the request because this machine's clock is wrong",
  hint: "Set the clock: S3 accepts requests that are at most 15 minutes off.",
};
const WRONG_REGION: Verdict = {
  ...FAILED,
  says: "The bucket is in another region or behind another endpoint",
  hint: "Set AWS_REGION (and S3_ENDPOINT) to those of the bucket.",
};
const NAME_TAKEN: Verdict = {
  ...FAILED,
  says: "The bucket keeps objects as files, and this name needs a folder where a file is, or the reverse",
  hint:
    "Such a server cannot hold both `a` and `a/b`. Rename one of the objects, or use a store with a flat name space.",
};
const FULL: Verdict = { ...FAILED, says: "The bucket is full", hint: "Free space or raise the quota." };
const ARCHIVED: Verdict = {
  ...FAILED,
  says: "The object is in a storage class that cannot be read at once",
  hint: "Restore it from the archive class first, and keep lifecycle rules off this bucket.",
};

/** Providers' codes that say more than the status does. Codes that are not listed are judged by their status. */
const BY_CODE: Readonly<Record<string, Verdict>> = {
  NoSuchKey: MISSING,
  NoSuchVersion: MISSING,
  NoSuchBucket: BUCKET_MISSING,
  NoSuchUpload: UPLOAD_MISSING,
  InvalidPart: PART_MISSING,
  PreconditionFailed: PRECONDITION,
  AccessDenied: REFUSED,
  AllAccessDisabled: REFUSED,
  AccountProblem: REFUSED,
  InvalidAccessKeyId: CREDENTIALS_WRONG,
  SignatureDoesNotMatch: CREDENTIALS_WRONG,
  Unauthorized: CREDENTIALS_WRONG,
  XAdminUserNotFound: CREDENTIALS_WRONG,
  ExpiredToken: CREDENTIALS_EXPIRED,
  ExpiredTokenException: CREDENTIALS_EXPIRED,
  InvalidToken: CREDENTIALS_EXPIRED,
  TokenRefreshRequired: CREDENTIALS_EXPIRED,
  RequestTimeTooSkewed: CLOCK_SKEWED,
  RequestExpired: CLOCK_SKEWED,
  PermanentRedirect: WRONG_REGION,
  AuthorizationHeaderMalformed: WRONG_REGION,
  IllegalLocationConstraintException: WRONG_REGION,
  // The next codes come with status 400, but mean that the connection was cut or the store is busy.
  IncompleteBody: UNAVAILABLE,
  RequestTimeout: UNAVAILABLE,
  ClientDisconnected: UNAVAILABLE,
  TemporaryRedirect: UNAVAILABLE,
  SlowDown: UNAVAILABLE,
  SlowDownRead: UNAVAILABLE,
  SlowDownWrite: UNAVAILABLE,
  TooManyRequests: UNAVAILABLE,
  Throttling: UNAVAILABLE,
  ThrottlingException: UNAVAILABLE,
  RequestLimitExceeded: UNAVAILABLE,
  InternalError: UNAVAILABLE,
  ServiceUnavailable: UNAVAILABLE,
  OperationAborted: UNAVAILABLE,
  // Two conditional writes met. AWS asks to repeat the request, and the repetition shows which one was first.
  ConditionalRequestConflict: UNAVAILABLE,
  BadDigest: CORRUPT,
  XAmzContentSHA256Mismatch: CORRUPT,
  XAmzContentChecksumMismatch: CORRUPT,
  InvalidObjectState: ARCHIVED,
  ObjectParentIsFile: NAME_TAKEN,
  ExistingObjectIsDirectory: NAME_TAKEN,
  XMinioParentIsObject: NAME_TAKEN,
  XMinioObjectExistsAsDirectory: NAME_TAKEN,
  XMinioStorageFull: FULL,
  QuotaExceeded: FULL,
  XMinioAdminBucketQuotaExceeded: FULL,
  InsufficientStorage: FULL,
};

function byStatus(status: number | undefined): Verdict {
  if (status === undefined) return FAILED;
  if (status === 401 || status === 403) return REFUSED;
  if (status === 412) return PRECONDITION;
  if (status === 301 || status === 308) return WRONG_REGION;
  if (status === 307 || status === 408 || status === 429) return UNAVAILABLE;
  if (status === 507) return FULL;
  if (status >= 500 && status !== 501 && status !== 505) return UNAVAILABLE;
  // A 404 without a code never means "missing": the bucket may be gone, or a proxy that knows neither may have
  // answered.
  return FAILED;
}

/** The LifeboatError for a store's refusal. `redact` removes secrets from the store's own words. */
export function answerFailure(
  answer: S3Answer,
  operation: string,
  subject: string | undefined,
  redact: (text: string) => string,
): LifeboatError {
  if (answer.code === "MetadataTooLarge") return metadataTooLarge(subject);
  const verdict = (answer.code && BY_CODE[answer.code]) || byStatus(answer.status);
  const details = [answer.status, answer.code, answer.message && redact(answer.message).slice(0, 300)];
  return failureOf(verdict, details.filter(Boolean).join(" "), operation, subject, {
    status: answer.status,
    providerCode: answer.code,
    requestId: answer.requestId,
    retryAfterMs: retryAfterMs(answer.retryAfter),
  });
}

/** The transient error for a store that did not answer, or whose answer was cut off. */
export function unavailableFailure(reason: string, operation: string, subject?: string): LifeboatError {
  return failureOf(UNAVAILABLE, reason, operation, subject);
}

/** The transient error for bytes that arrived changed. */
export function corruptFailure(reason: string, operation: string, subject?: string): LifeboatError {
  return failureOf(CORRUPT, reason, operation, subject);
}

/** The permanent error for everything else. */
export function otherFailure(reason: string, operation: string, subject?: string): LifeboatError {
  return failureOf(FAILED, reason, operation, subject);
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

/** The wait that a Retry-After header asks for. The header holds a number of seconds or a date. */
function retryAfterMs(header: string | undefined): number | undefined {
  if (!header) return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}
