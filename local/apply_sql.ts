import { LifeboatError } from "../supabase/functions/_shared/engine/errors.ts";
import { withClient } from "./with_client.ts";

/**
 * Runs a file of SQL as one transaction, without the two-minute limit on statements. Throws `sql_failed` with the
 * file's name and, if the server gave it, the line.
 */
export async function applySql(databaseUrl: string, file: URL, onNotice?: (text: string) => void): Promise<void> {
  const text = await Deno.readTextFile(file);
  const name = file.pathname.split("/").at(-1) ?? "";
  await withClient(databaseUrl, async (client) => {
    // "… does not exist, skipping" is normal for a migration that is repeated.
    client.on("notice", ({ message }) => !message?.endsWith(", skipping") && onNotice?.(`${name}: ${message}`));
    await client.query("set statement_timeout = 0");
    try {
      await client.query(text);
    } catch (cause) {
      const error = cause as { message: string; position?: string };
      const line = error.position === undefined
        ? ""
        : `, line ${text.slice(0, Number(error.position)).split("\n").length}`;
      throw new LifeboatError({
        code: "sql_failed",
        kind: "permanent",
        message: `${name}${line}: ${error.message}`,
        hint: "Correct the file and start again.",
        operation: "local.sql",
        subject: name,
        cause,
      });
    }
  });
}

/** The SQL files of a folder in the order of their names; none where the folder does not exist. */
export async function sqlFiles(folder: URL): Promise<URL[]> {
  try {
    const names = (await Array.fromAsync(Deno.readDir(folder))).map((entry) => entry.name);
    return names.filter((name) => name.endsWith(".sql")).sort().map((name) => new URL(name, folder));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
