import { LifeboatError } from "../../engine/errors.ts";
import { answerFailure, otherFailure, type S3Answer, unavailableFailure } from "./failures.ts";
import type { S3Location, S3Settings } from "./settings.ts";

/** Describes one request to the store, for error messages and for the time limit. */
export interface S3Call {
  /** For example `s3.put`. */
  readonly operation: string;
  readonly subject?: string;
  /** Bytes that are sent before an answer can come. */
  readonly sentBytes?: number;
  /** Bytes that the server moves by itself before it answers (copies, joining parts). */
  readonly movedBytes?: number;
}

/** The slowest rate at which a server is expected to copy on its own disks. */
const SLOWEST_SERVER_BYTES_PER_SECOND = 16 * 1024 * 1024;

/** Time limits and classification of failures, shared by requests of the SDK and by our own. */
export class S3Connection {
  readonly stallTimeoutMs: number;
  readonly #slowestBytesPerSecond: number;
  readonly #secrets: readonly string[];

  constructor(readonly settings: S3Settings, readonly location: S3Location) {
    this.stallTimeoutMs = settings.stallTimeoutMs ?? 30_000;
    this.#slowestBytesPerSecond = settings.slowestBytesPerSecond ?? 256 * 1024;
    this.#secrets = [settings.secretAccessKey, settings.sessionToken ?? "", settings.accessKeyId]
      .filter((secret) => secret.length >= 4);
  }

  /**
   * Runs one request to its answer. Throws the signal's reason when aborted, `store_unavailable` when no answer came in
   * time, and otherwise the LifeboatError for the failure.
   */
  async ask<Result>(
    call: S3Call,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    signal?.throwIfAborted();
    const controller = new AbortController();
    const onAbort = () => controller.abort(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    const allowedMs = this.#allowedMs(call);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      controller.abort(new Error("no answer in time"));
    }, allowedMs);
    try {
      return await work(controller.signal);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (timedOut) throw unavailableFailure(`no answer for ${allowedMs / 1000} s`, call.operation, call.subject);
      throw this.failure(error, call);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Turns anything that the SDK, fetch or a body throws into a LifeboatError. */
  failure(error: unknown, call: S3Call): LifeboatError {
    if (error instanceof LifeboatError) return error;
    const answer = answerOf(error);
    if (answer?.status !== undefined && (answer.status < 200 || answer.status > 299)) return this.refusal(answer, call);
    const reason = this.redact(describe(error));
    // A success whose XML is missing or incomplete is an answer that was cut off on its way.
    if (answer?.status !== undefined) {
      return unavailableFailure(`${answer.status}, ${reason}`, call.operation, call.subject);
    }
    if (isNetworkError(error)) return unavailableFailure(reason, call.operation, call.subject);
    return otherFailure(reason, call.operation, call.subject);
  }

  refusal(answer: S3Answer, call: S3Call): LifeboatError {
    return answerFailure(answer, call.operation, call.subject, (text) => this.redact(text));
  }

  redact(text: string): string {
    const hidden = this.#secrets.reduce((rest, secret) => rest.replaceAll(secret, "[hidden]"), text);
    return hidden.replace(/((?:Signature|Credential|X-Amz-[A-Za-z-]+)=)[^\s&,]+/gi, "$1[hidden]");
  }

  #allowedMs(call: S3Call): number {
    const sendingMs = (call.sentBytes ?? 0) * 1000 / this.#slowestBytesPerSecond;
    const movingMs = (call.movedBytes ?? 0) * 1000 / SLOWEST_SERVER_BYTES_PER_SECOND;
    return Math.ceil(this.stallTimeoutMs + sendingMs + movingMs);
  }
}

/** The answer to which an error of the SDK belongs; undefined when there was no answer. */
function answerOf(error: unknown): S3Answer | undefined {
  if (!(error instanceof Error)) return undefined;
  const { $metadata, $response, Code } = error as Error & {
    $metadata?: { httpStatusCode?: number; requestId?: string };
    $response?: { statusCode?: number; headers?: Record<string, string> };
    Code?: string;
  };
  const status = $response?.statusCode ?? $metadata?.httpStatusCode;
  if (status === undefined) return undefined;
  return {
    status,
    // The answer to a HEAD has no body to read a code from, so the SDK makes up a name that begins with "Unknown".
    code: Code ?? (/^Unknown/.test(error.name) ? undefined : error.name),
    message: /^Unknown/.test(error.message) ? undefined : error.message,
    requestId: $metadata?.requestId,
    retryAfter: $response?.headers?.["retry-after"],
  };
}

/** Deno and Node report broken connections as TypeErrors or system errors. */
function isNetworkError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === "TimeoutError") return true;
  const { code } = error as Error & { code?: unknown };
  if (typeof code === "string" && /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|EAI_AGAIN)/.test(code)) return true;
  if (
    /^(Http|NetworkError|ConnectionRe(set|fused)|ConnectionAborted|BrokenPipe|TimedOut|UnexpectedEof|NotConnected|Interrupted)$/
      .test(error.name)
  ) return true;
  if (
    error.name === "TypeError" &&
    /sending request|error (reading|decoding)|connection|fetch failed|body/i.test(error.message)
  ) return true;
  return error.cause !== undefined && isNetworkError(error.cause);
}

/** The messages of an error and its causes, without the address, which is long and repeats the subject. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = (error.message || error.name)
    .replace(/ for url \(.*?\)/, "").replace(/https?:\/\/\S+/g, "[address]").slice(0, 300);
  const cause = error.cause instanceof Error ? describe(error.cause) : "";
  return cause && !text.includes(cause) ? `${text}: ${cause}` : text;
}
