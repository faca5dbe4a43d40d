import type { Database, Session } from "../../supabase/functions/_shared/engine/database.ts";

/** Wraps a database so that `happen` runs right before the first statement that matches. */
export function interruptBefore(database: Database, pattern: RegExp, happen: () => Promise<void>): Database {
  let happened = false;
  return interruptEach(database, pattern, async () => {
    if (happened) return;
    happened = true;
    await happen();
  });
}

/** Wraps a database so that `happen` runs right before every statement that matches. */
export function interruptEach(database: Database, pattern: RegExp, happen: () => Promise<void>): Database {
  const interrupt = async (text: string) => {
    if (pattern.test(text)) await happen();
  };
  return {
    async connect(options, signal): Promise<Session> {
      const session = await database.connect(options, signal);
      return {
        async query<Row>(text: string, params?: readonly unknown[], signal?: AbortSignal): Promise<Row[]> {
          await interrupt(text);
          return await session.query<Row>(text, params, signal);
        },
        async *copyOut(text, signal) {
          await interrupt(text);
          yield* session.copyOut(text, signal);
        },
        close: () => session.close(),
      };
    },
  };
}
