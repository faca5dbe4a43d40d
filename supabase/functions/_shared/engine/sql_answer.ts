import { LifeboatError } from "./errors.ts";
import { UPGRADE_HINT } from "./schema_version.ts";

/** As much of a zod type as is needed here. */
interface Shape<Value> {
  safeParse(value: unknown):
    | { readonly success: true; readonly data: Value }
    | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } };
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/**
 * The JSON that a function or column of schema lifeboat (`name`) answered, checked where it enters: a database whose functions were
 * edited, or a row that somebody wrote by hand, must not become an undefined value far from its cause. What the shape does
 * not name is dropped. Throws `database_answer_invalid` with the first thing that is wrong, without values. May be repeated.
 */
export function readAnswer<Value>(shape: Shape<Value>, answer: unknown, name: string): Value {
  const read = shape.safeParse(answer);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const place = issue.path.map(String).join(".") || "the answer";
  throw new LifeboatError({
    code: "database_answer_invalid",
    kind: "permanent",
    message: `${name} in the database answered what this release does not know (${place}: ${issue.message}).`,
    hint: `A function or a row of schema lifeboat was changed by hand. ${UPGRADE_HINT}`,
    operation: "database.answer",
    subject: name,
  });
}
