import type { LifeboatError } from "../../engine/errors.ts";
import type { SourceObject, StorageSource } from "../../engine/media/storage_source.ts";
import { WatchedBody } from "./body.ts";
import { seesNothingFailure, storageFailure, unansweredFailure } from "./failures.ts";
import { keyHeaders } from "./key.ts";
import { objectAddress } from "./url.ts";

export interface StorageSettings {
  /** The project's address, for example `https://abcdefghijklmnopqrst.supabase.co`. */
  readonly supabaseUrl: string;
  /** A secret key (`sb_secret_…`) or the legacy service role key. */
  readonly secretKey: string;
  /** Longest silence before and within an answer, in milliseconds. Default 30,000. */
  readonly stallTimeoutMs?: number;
}

/**
 * Reads Storage over HTTP. Bytes are read by `fetch`, because supabase-js's `download()` hides the ETag, which shows a
 * changed object or a stale cache, and has neither a time limit nor a check of the length.
 */
export function createHttpStorageSource(settings: StorageSettings): StorageSource {
  const stallTimeoutMs = settings.stallTimeoutMs ?? 30_000;
  const base = `${settings.supabaseUrl.replace(/\/+$/, "")}/storage/v1`;
  // A compressed answer has neither its length nor a strong ETag.
  const headers = { ...keyHeaders(settings.secretKey), "accept-encoding": "identity" };

  return {
    async open(bucket, path, options = {}, signal) {
      const subject = `${bucket}/${path}`;
      const address = objectAddress(base, bucket, path);
      // An address that is new to every cache is answered by Storage itself.
      const url = options.pastCache ? `${address}?lifeboat=${crypto.randomUUID()}` : address;
      const asked = options.offset ? { ...headers, range: `bytes=${options.offset}-` } : headers;
      const answer = await ask(url, asked, stallTimeoutMs, "storage.open", subject, signal);
      if (!answer.response.ok) throw await refusal(answer, "storage.open", subject);
      return sourceObject(answer, stallTimeoutMs, subject, signal);
    },
    async check(signal) {
      const answer = await ask(`${base}/bucket?limit=1`, headers, stallTimeoutMs, "storage.check", base, signal);
      if (!answer.response.ok) throw await refusal(answer, "storage.check", base);
      // A publishable key is accepted too, but row level security then hides every object.
      if ((await answer.response.text()).trim() === "[]") throw seesNothingFailure(base);
    },
  };
}

interface Answer {
  readonly response: Response;
  readonly stop: AbortController;
}

async function ask(
  url: string,
  headers: Record<string, string>,
  stallTimeoutMs: number,
  operation: string,
  subject: string,
  signal?: AbortSignal,
): Promise<Answer> {
  signal?.throwIfAborted();
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), stallTimeoutMs);
  const onAbort = () => stop.abort();
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return { response: await fetch(url, { headers, signal: stop.signal, redirect: "manual" }), stop };
  } catch (error) {
    signal?.throwIfAborted();
    throw unansweredFailure(error, stop.signal.aborted, stallTimeoutMs, operation, subject);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** Storage says in the body what is wrong, and often not in the status. A longer body is cut at 64 KiB. */
async function refusal({ response, stop }: Answer, operation: string, subject: string): Promise<LifeboatError> {
  const timer = setTimeout(() => stop.abort(), 5_000);
  let text = "";
  try {
    const decoder = new TextDecoder();
    for await (const block of response.body ?? []) {
      text += decoder.decode(block, { stream: true });
      if (text.length > 65_536) break;
    }
  } catch {
    // An answer whose body cannot be read is judged by its status alone.
  } finally {
    clearTimeout(timer);
  }
  return storageFailure(response.status, text, operation, subject);
}

function sourceObject(answer: Answer, stallTimeoutMs: number, subject: string, signal?: AbortSignal): SourceObject {
  const { response, stop } = answer;
  const { headers } = response;
  const length = headers.get("content-length");
  const bodyBytes = length === null || headers.has("content-encoding") ? undefined : Number(length);
  const etag = headers.get("etag")?.replace(/^(?:W\/)?"(.*)"$/, "$1");
  // A server without ranges answers 200 with the whole object.
  const range = response.status === 206 ? /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get("content-range") ?? "") : null;
  const sizeBytes = range ? Number(range[2]) : bodyBytes;
  return {
    ...(etag ? { etag } : {}),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    offset: range ? Number(range[1]) : 0,
    ...(headers.has("content-type") ? { contentType: headers.get("content-type")! } : {}),
    ...(headers.has("cache-control") ? { cacheControl: headers.get("cache-control")! } : {}),
    body: new WatchedBody(response.body, { sizeBytes: bodyBytes, stallTimeoutMs, subject, stop }, signal),
  };
}
