/** Stands in the place of a secret wherever it would be shown. */
const MASK = "[secret]";

/**
 * A value that must not be shown. Turning it into text, JSON or a log line gives `[secret]`; the value itself is a
 * private field, which neither `console.log` nor a serializer reaches.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Call this only where the value is handed over, and keep no copy. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [Symbol.for("Deno.customInspect")](): string {
    return MASK;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return MASK;
  }
}

/** Shorter values (an empty or a default database password) would blank out ordinary words. */
const SHORTEST_REDACTED = 12;

/**
 * Last defence against secrets in texts of others, such as a driver's error message or a provider's answer: replaces
 * every occurrence of a known secret, plain and percent-encoded.
 */
export function createRedactor(secrets: readonly Secret[]): (text: string) => string {
  const values = new Set<string>();
  for (const secret of secrets) {
    for (const value of [secret.reveal(), encodeURIComponent(secret.reveal())]) {
      if (value.length >= SHORTEST_REDACTED) values.add(value);
    }
  }
  // The longest comes first: replacing only the password in a connection string would leave its host readable.
  const ordered = [...values].sort((a, b) => b.length - a.length);
  return (text) => ordered.reduce((result, value) => result.replaceAll(value, MASK), text);
}
