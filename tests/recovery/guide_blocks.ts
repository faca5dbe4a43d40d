/**
 * A fenced block of the guide that is marked `recovery=<route>`. A person who follows the guide types these in order.
 */
export interface GuideBlock {
  readonly language: string;
  readonly route: string;
  readonly text: string;
}

const guide = new URL("../../public/DISASTER_RECOVERY.md", import.meta.url);

export async function readGuideBlocks(): Promise<GuideBlock[]> {
  const text = await Deno.readTextFile(guide);
  return [...text.matchAll(/^```(\w+) recovery=([\w-]+)\n(.*?)^```$/gms)]
    .map(([, language, route, text]) => ({ language, route, text }));
}

export interface Shell {
  /** The folder in which the person works. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs the shell blocks of a route one after the other and returns their output. Throws when one fails. */
export async function follow(route: string, { folder, env }: Shell): Promise<string> {
  const blocks = (await readGuideBlocks()).filter((block) => block.route === route && block.language === "bash");
  if (blocks.length === 0) throw new Error(`The guide has no route ${route}.`);
  return await run("bash", ["-euo", "pipefail", "-c", blocks.map(({ text }) => text).join("\n")], { folder, env });
}

export async function run(command: string, args: string[], { folder, env }: Shell): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args, cwd: folder, env }).output();
  const said = new TextDecoder().decode(stdout);
  if (!success) throw new Error(`The guide's commands failed:\n${new TextDecoder().decode(stderr)}\n${said}`);
  return said;
}

export async function isInstalled(tool: string): Promise<boolean> {
  try {
    await new Deno.Command(tool, { args: ["--version"], stdin: "null", stdout: "null", stderr: "null" }).output();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Why the guide cannot be followed on this machine; undefined when it can. */
export async function missingTool(): Promise<string | undefined> {
  for (const tool of ["psql", "jq", "gunzip", "awk", "sha256sum", "curl"]) {
    if (!await isInstalled(tool)) return `${tool} is not installed`;
  }
}
