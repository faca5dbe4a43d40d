import { FunctionsHttpError } from "@supabase/supabase-js";
import type { z } from "zod";
import { errorBody } from "../../supabase/functions/_shared/contract/mod.ts";
import { PageError, parseAnswer } from "./page-error.ts";
import { supabase } from "./supabase.ts";

/** Calls an edge function as the signed-in user. Throws `PageError` with the function's own code and message. */
export async function callFunction<Answer>(
  name: "database-backup" | "backup-media" | "backup-admin",
  body: Readonly<Record<string, unknown>>,
  answer: z.ZodType<Answer>,
  signal?: AbortSignal,
): Promise<Answer> {
  const { data, error } = await supabase().functions.invoke(name, { body, signal });
  if (error === null) return parseAnswer(answer, data, `The answer of ${name}`);
  if (error instanceof FunctionsHttpError) throw await answeredError(name, error.context as Response);
  throw new PageError({
    code: "function_unreachable",
    message: `The edge function ${name} could not be reached.`,
    hint: "Check your connection. If it stays, see in the Supabase dashboard whether the function is deployed.",
    cause: error,
  });
}

async function answeredError(name: string, response: Response): Promise<PageError> {
  const read = errorBody.safeParse(await response.json().catch(() => null));
  if (read.success) return new PageError(read.data);
  return new PageError({
    code: `http_${response.status}`,
    message: `The edge function ${name} answered ${response.status}.`,
    hint: response.status === 404
      ? `Deploy it: supabase functions deploy ${name}.`
      : "See its log in the Supabase dashboard.",
  });
}
