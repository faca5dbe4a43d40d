import { LifeboatError } from "../supabase/functions/_shared/engine/errors.ts";

/** Ends the demo with this message. */
export function fail(message: string): never {
  throw new LifeboatError({
    code: "demo_failed",
    kind: "permanent",
    message,
    hint: "`npm start` keeps the stack up to look into it.",
    operation: "local.demo",
  });
}
