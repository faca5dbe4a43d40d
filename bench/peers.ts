import { fileURLToPath } from "node:url";

/** Another tool, with its version or the reason why it is absent. */
export interface Peer {
  readonly name: string;
  /** Null when the tool is absent. */
  readonly command: string | null;
  readonly version: string;
}

const ownPostgres = fileURLToPath(
  new URL("../.tools/postgres-18/embedded_postgres/pginstall/bin/", import.meta.url),
);

/** The first of `commands` that runs and whose version `fits`. */
export async function findPeer(
  name: string,
  commands: readonly string[],
  hint: string,
  fits: (version: string) => boolean = () => true,
): Promise<Peer> {
  const seen: string[] = [];
  for (const command of commands) {
    const version = await versionOf(command);
    if (version === undefined) continue;
    if (fits(version)) return { name, command, version };
    seen.push(version);
  }
  const found = seen.length === 0 ? "" : ` (found ${seen.join(", ")})`;
  return { name, command: null, version: `absent${found}: ${hint}` };
}

/** A PostgreSQL client of the server's major version: an older one refuses, and a newer one would not be comparable. */
export function findPostgresPeer(name: string, majorVersion: number): Promise<Peer> {
  return findPeer(
    name,
    [`${ownPostgres}${name}`, name],
    `sh scripts/install_pg_dump_18.sh puts PostgreSQL 18's ${name} into .tools`,
    (version) => new RegExp(`\\b${majorVersion}(\\.|\\b)`).test(version),
  );
}

async function versionOf(command: string): Promise<string | undefined> {
  for (const flag of ["--version", "version"]) {
    try {
      const { success, stdout } = await new Deno.Command(command, { args: [flag], stderr: "null" }).output();
      if (success) return new TextDecoder().decode(stdout).split("\n")[0];
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }
  return undefined;
}
