import { storageFailure, unansweredFailure } from "./failures.ts";
import { keyHeaders } from "./key.ts";

export interface StorageAccess {
  /** `https://<project>.supabase.co/storage/v1`, without a slash at the end. */
  readonly base: string;
  readonly secretKey: string;
  /** Longest wait for one answer, the sending of its request included. */
  readonly answerTimeoutMs: number;
}

export interface StorageRequest {
  readonly url: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit;
  /** What is done, for error messages. */
  readonly operation: string;
  readonly subject: string;
}

export interface StorageAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Sends one request and returns its short answer, whatever the status. Throws `source_unavailable` when none came. */
export async function askStorage(
  { secretKey, answerTimeoutMs }: StorageAccess,
  { url, method, headers, body, operation, subject }: StorageRequest,
  signal?: AbortSignal,
): Promise<StorageAnswer> {
  signal?.throwIfAborted();
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), answerTimeoutMs);
  const onAbort = () => stop.abort();
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const response = await fetch(url, {
      method,
      headers: { ...keyHeaders(secretKey), ...headers },
      ...body === undefined ? {} : { body },
      redirect: "manual",
      signal: stop.signal,
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (error) {
    signal?.throwIfAborted();
    throw unansweredFailure(error, stop.signal.aborted, answerTimeoutMs, operation, subject);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** As `askStorage`, but throws for any status other than success. */
export async function askStorageOk(
  access: StorageAccess,
  request: StorageRequest,
  signal?: AbortSignal,
): Promise<StorageAnswer> {
  const answer = await askStorage(access, request, signal);
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw storageFailure(answer.status, answer.text, request.operation, request.subject);
}
