import type { z } from "zod";
import { LifeboatError } from "../engine/errors.ts";
import type { Variables } from "./variables.ts";

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The values of the variables that were set and are valid. */
export type Values<Known extends Variables> = { readonly [Name in keyof Known]?: z.output<Known[Name]["schema"]> };

/** Longer than any real setting, since edge function secrets end at 48 KiB. */
const MAXIMUM_LENGTH = 65_536;

/**
 * Collects everything that is wrong with the configuration, so that one error can report all of it. A problem holds the
 * name of a variable, never its value.
 */
export class Problems {
  readonly #byVariable = new Map<string, string>();

  /** The first problem of a variable is the one to solve first; later ones follow from it. */
  add(variable: string, problem: string): void {
    if (!this.#byVariable.has(variable)) this.#byVariable.set(variable, problem);
  }

  /** Throws `configuration_invalid` (permanent) naming every problem, when there are any. */
  throwIfAny(): void {
    if (this.#byVariable.size === 0) return;
    const list = [...this.#byVariable].map(([variable, problem]) => `${variable} ${problem}`);
    throw new LifeboatError({
      code: "configuration_invalid",
      kind: "permanent",
      message: `The configuration has ${list.length === 1 ? "a problem" : `${list.length} problems`}: ${
        list.join("; ")
      }.`,
      hint:
        "Set or correct these secrets of the edge functions (supabase secrets set NAME=value); docs/CONFIGURATION.md explains each.",
      operation: "configuration.read",
      subject: [...this.#byVariable.keys()].join(", "),
    });
  }
}

/**
 * Reads the variables that are set. White space around a value is cut off, and an empty value counts as unset, because
 * dashboards and `.env` files leave both behind.
 */
export function readVariables<Known extends Variables>(
  known: Known,
  environment: Environment,
  problems: Problems,
): Values<Known> {
  const values: Record<string, unknown> = {};
  for (const [name, { schema, without }] of Object.entries(known)) {
    const text = environment[name]?.trim();
    if (!text) {
      if (without === "required") problems.add(name, "is missing");
    } else if (text.length > MAXIMUM_LENGTH) problems.add(name, `is longer than ${MAXIMUM_LENGTH} characters`);
    else if (text.includes("\0")) problems.add(name, "contains a NUL character");
    else {
      const result = schema.safeParse(text);
      if (result.success) values[name] = result.data;
      else problems.add(name, result.error.issues.map((issue) => issue.message).join(" and "));
    }
  }
  return values as Values<Known>;
}

/** True when the variable is set, even to an invalid value. */
export function isSet(environment: Environment, name: string): boolean {
  return Boolean(environment[name]?.trim());
}

/** Of settings that only make sense together, adds a problem for each missing one when at least one is set. */
export function requireTogether(names: readonly string[], environment: Environment, problems: Problems): void {
  const missing = names.filter((name) => !isSet(environment, name));
  if (missing.length === names.length) return;
  const present = names.filter((name) => isSet(environment, name));
  for (const name of missing) {
    problems.add(name, `is missing, but ${present.join(" and ")} ${present.length > 1 ? "are" : "is"} set`);
  }
}
