import * as z from "zod";
import { MalformedValue, parseNames } from "./name_list.ts";
import { Secret } from "./secret.ts";

/*
 * The kinds of value a setting can have. Each says what is wrong in words that continue "<NAME> …" and never quotes the
 * value: a key pasted into the wrong variable must not show up in an error.
 */

/** A setting read by a function that throws MalformedValue. */
export function parsed<Value>(read: (text: string) => Value): z.ZodType<Value, string> {
  return z.string().transform((text, context) => {
    try {
      return read(text);
    } catch (error) {
      if (!(error instanceof MalformedValue)) throw error;
      context.addIssue({ code: "custom", message: error.message });
      return z.NEVER;
    }
  });
}

/** Text that matches a pattern; `expected` completes the sentence "must be …". */
export function matching(pattern: RegExp, expected: string): z.ZodType<string, string> {
  return z.string().regex(pattern, `must be ${expected}`);
}

/** A credential. It travels in HTTP headers, so a character that is not visible ASCII is a copying mistake. */
export function secret(minimumLength: number): z.ZodType<Secret, string> {
  return parsed((text) => {
    if (!/^[\x21-\x7e]+$/.test(text)) {
      throw new MalformedValue("must not contain spaces, line breaks or special characters");
    }
    if (text.length < minimumLength) {
      throw new MalformedValue(`is too short to be a key (at least ${minimumLength} characters)`);
    }
    return new Secret(text);
  });
}

function readUrl(text: string, protocols: readonly string[]): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !protocols.includes(url.protocol) || url.host === "") {
    throw new MalformedValue(`must be a URL that starts with ${protocols.map((name) => `${name}//`).join(" or ")}`);
  }
  return url;
}

/** An address to which paths are appended: without query, fragment, credentials and slash at its end. */
export const baseUrl: z.ZodType<string, string> = parsed((text) => {
  const url = readUrl(text, ["https:", "http:"]);
  if (url.search || url.hash || url.username || url.password) {
    throw new MalformedValue("must be a URL without query, fragment and credentials");
  }
  return url.href.replace(/\/+$/, "");
});

/** A link for people. */
export const pageUrl: z.ZodType<string, string> = parsed((text) => readUrl(text, ["https:", "http:"]).href);

/** An address that is itself a secret, like that of a monitor. */
export const secretUrl: z.ZodType<Secret, string> = parsed((text) => {
  readUrl(text, ["https:", "http:"]);
  return new Secret(text);
});

/** Snapshots, locks and COPY need a session of their own, which Supabase's transaction pooler (port 6543) does not give. */
export const databaseUrl: z.ZodType<Secret, string> = parsed((text) => {
  const url = readUrl(text, ["postgresql:", "postgres:"]);
  // From `user:pass/word@host`, URL parsers take "pass" as a port or a host, and their errors would quote it.
  if (`${url.pathname}${url.search}${url.hash}`.includes("@") || (text.match(/@/g)?.length ?? 0) > 1) {
    throw new MalformedValue("has a password that must be percent-encoded: @ is %40, / is %2F, ? is %3F, # is %23");
  }
  if (url.port === "6543" && /\.supabase\.[a-z]+$/.test(url.hostname)) {
    throw new MalformedValue("must not be the transaction pooler (port 6543); use the direct connection or port 5432");
  }
  return new Secret(text);
});

/** `*` or a list of origins of pages. */
export const origins: z.ZodType<"*" | readonly string[], string> = parsed((text) => {
  if (text === "*") return "*";
  return parseNames(text).map((name) => {
    const url = readUrl(name, ["https:", "http:"]);
    if (url.href !== `${url.origin}/`) {
      throw new MalformedValue("must be * or origins such as https://admin.example.com, without a path");
    }
    return url.origin;
  });
});

const BOOLEANS: Record<string, boolean> = { true: true, "1": true, yes: true, false: false, "0": false, no: false };

export const boolean: z.ZodType<boolean, string> = parsed((text) => {
  const value = Object.hasOwn(BOOLEANS, text.toLowerCase()) ? BOOLEANS[text.toLowerCase()] : undefined;
  if (value === undefined) throw new MalformedValue("must be true or false");
  return value;
});

const ADDRESS = /^(?:[^<>@,"\s][^<>@,"]*<[^<>@,"\s]+@[^<>@,"\s]+\.[^<>@,"\s]+>|[^<>@,"\s]+@[^<>@,"\s]+\.[^<>@,"\s]+)$/u;

function readAddress(text: string): string {
  if (text.length > 320 || !ADDRESS.test(text)) {
    throw new MalformedValue("must be an address such as you@example.com or Lifeboat <backup@example.com>");
  }
  return text;
}

export const emailAddress: z.ZodType<string, string> = parsed(readAddress);

/** Resend takes at most 50: https://resend.com/docs/api-reference/emails/send-email */
const MAXIMUM_RECIPIENTS = 50;

export const emailAddresses: z.ZodType<readonly string[], string> = parsed((text) => {
  const addresses = [...new Set(text.split(",").map((entry) => readAddress(entry.trim())))];
  if (addresses.length > MAXIMUM_RECIPIENTS) {
    throw new MalformedValue(`must not hold more than ${MAXIMUM_RECIPIENTS} addresses`);
  }
  return addresses;
});

/** Both generations of Supabase keys are longer; a shorter key could be guessed. */
export const MINIMUM_KEY_LENGTH = 16;

/** Named API keys as the platform gives them: `{"default":"sb_…"}`. */
export const namedKeys: z.ZodType<Readonly<Record<string, Secret>>, string> = parsed((text) => {
  const result = z.record(z.string(), secret(MINIMUM_KEY_LENGTH)).safeParse(readJson(text));
  // The problem names no details: in a malformed value the key may stand where its name should.
  if (!result.success) throw new MalformedValue("must be a JSON object that maps names to keys");
  return result.data;
});

/** A setting in JSON of a fixed shape. */
export function json<Value>(schema: z.ZodType<Value>, expected: string): z.ZodType<Value, string> {
  return parsed((text) => {
    const result = schema.safeParse(readJson(text));
    if (result.success) return result.data;
    const places = result.error.issues.slice(0, 5).map((issue) => `${z.core.toDotPath(issue.path)} ${issue.message}`);
    throw new MalformedValue(`must be ${expected}: ${places.map((place) => place.trim()).join("; ")}`);
  });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may hold keys, so it is dropped.
    throw new MalformedValue("is not valid JSON");
  }
}

export interface TableName {
  readonly schema: string;
  readonly table: string;
}

export interface ColumnName extends TableName {
  readonly column: string;
}

export function toTableName(names: readonly string[]): TableName {
  return names.length === 1 ? { schema: "public", table: names[0] } : { schema: names[0], table: names[1] };
}
