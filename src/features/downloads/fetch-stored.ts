import { PageError } from "../../lib/page-error.ts";

/** Reads a stored file straight from the bucket. Throws `PageError`. */
export async function fetchStored(url: string, signal: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    // A signed link is a secret, so it must neither be sent to the bucket as the referrer nor be cached.
    response = await fetch(url, { signal, referrerPolicy: "no-referrer", credentials: "omit", cache: "no-store" });
  } catch (cause) {
    signal.throwIfAborted();
    throw new PageError({
      code: "bucket_unreadable",
      message: "The browser was not allowed to read the bucket, or could not reach it.",
      hint: `Give the bucket a CORS rule that allows GET from ${location.origin}, or download the .json.gz instead.`,
      cause,
    });
  }
  if (response.ok) return response;
  throw new PageError({
    code: `bucket_${response.status}`,
    message: `The bucket answered ${response.status}.`,
    hint: response.status === 403 ? "The link may have run out: try again." : "Try again in a moment.",
  });
}
