import type { ErrorResponse } from "resend";
import type { Clock } from "../../engine/clock.ts";
import type { Email, Mailer, MailResult } from "../../engine/notify/mailer.ts";
import { retry } from "../../engine/retry.ts";

export interface ResendMailerOptions {
  readonly apiKey: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly clock: Clock;
  /** Default https://api.resend.com */
  readonly baseUrl?: string;
  /** Milliseconds allowed for each attempt. Default 10,000. */
  readonly timeoutMs?: number;
}

const ATTEMPTS = 3;

/**
 * Sends through Resend, up to three times where another attempt may help. The attempts share an idempotency key, which
 * Resend honours for 24 hours: https://resend.com/docs/dashboard/emails/idempotency-keys
 */
export function createResendMailer(options: ResendMailerOptions): Mailer {
  return {
    async send(email, signal) {
      const rules = {
        tries: ATTEMPTS,
        mayPass: (error: unknown) => error instanceof NotSent && isWorthAnotherTry(error.answer) && !signal?.aborted,
        delayMs: waitMs,
      };
      try {
        return await retry(options.clock, rules, () => sendOnce(options, email, signal), signal);
      } catch (error) {
        return failed(options, error instanceof Error ? error.message : String(error));
      }
    },
  };
}

/** Resend's answer when it did not take the email. */
class NotSent extends Error {
  constructor(readonly answer: Partial<ErrorResponse> | null, readonly headers: Record<string, string> | null) {
    super(describe(answer));
  }
}

async function sendOnce(
  { apiKey, baseUrl, from, to, timeoutMs = 10_000 }: ResendMailerOptions,
  email: Email,
  signal?: AbortSignal,
): Promise<MailResult> {
  const timeout = AbortSignal.timeout(timeoutMs);
  // The SDK is loaded only here, because most workers send no email.
  const { Resend } = await import("resend");
  // The address is given explicitly, because without it the SDK would take one from the environment.
  const resend = new Resend(apiKey, { baseUrl: baseUrl ?? "https://api.resend.com" });
  const { data, error, headers } = await resend.emails.send(
    { from, to: [...to], subject: email.subject, text: email.text, html: email.html },
    { idempotencyKey: email.idempotencyKey, signal: signal ? AbortSignal.any([signal, timeout]) : timeout },
  );
  if (!data?.id) throw new NotSent(error, headers);
  return { status: "sent", id: data.id };
}

/** The SDK passes on any JSON that came with an error status, so no field can be relied on. */
function isWorthAnotherTry(error: Partial<ErrorResponse> | null): boolean {
  const status = error?.statusCode;
  // An answer without a status means that the connection broke or timed out. A quota that is used up stays so until the next
  // day, so it is not tried again.
  if (error?.name === "daily_quota_exceeded" || error?.name === "monthly_quota_exceeded") return false;
  return typeof status !== "number" || status === 429 || status >= 500 ||
    error?.name === "concurrent_idempotent_requests";
}

/** Waits as long as Resend asks for, within limits, or 1 s and 2 s. Resend accepts five requests a second. */
function waitMs(failures: number, error: unknown): number {
  const asked = error instanceof NotSent ? Number(error.headers?.["retry-after"]) : NaN;
  return asked > 0 ? Math.min(asked, 10) * 1_000 : failures * 1_000;
}

function describe(error: Partial<ErrorResponse> | null): string {
  if (!error) return "Resend answered without saying whether the email was accepted.";
  const { statusCode, message } = error;
  if (error.name === "invalid_idempotent_request") {
    return "Resend was given an email about the same with other figures in the last 24 hours; whether that one arrived is not known here.";
  }
  return `Resend did not take the email${typeof statusCode === "number" ? ` (${statusCode})` : ""}: ${
    message ?? "no reason given"
  }`;
}

function failed({ apiKey }: ResendMailerOptions, error: string): MailResult {
  return { status: "failed", error: error.replaceAll(apiKey, "[secret]").slice(0, 500) };
}
