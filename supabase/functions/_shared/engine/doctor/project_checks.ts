import { broken, examine, type Finding, ok, warning } from "./finding.ts";

/** Requests an address and returns the status, without the body. Throws `project_unreachable` (transient). */
export type Probe = (
  path: string,
  request: { readonly method: "GET" | "POST"; readonly withKey: boolean },
  signal?: AbortSignal,
) => Promise<number>;

/** Checks that Storage answers with the key, and that each function refuses to work without one. */
export async function checkProject(
  probe: Probe,
  functionNames: readonly string[],
  signal?: AbortSignal,
): Promise<Finding[]> {
  const findings = [...await examine("project.storage", () => checkStorage(probe, signal), signal)];
  for (const name of functionNames) {
    findings.push(...await examine(`project.function.${name}`, () => checkFunction(probe, name, signal), signal));
  }
  return findings;
}

async function checkStorage(probe: Probe, signal?: AbortSignal): Promise<Finding> {
  const check = "project.storage";
  const status = await probe("/storage/v1/bucket", { method: "GET", withKey: true }, signal);
  if (status === 200) return ok(check, "Storage answers and accepts the key.");
  return status === 401 || status === 403
    ? broken(check, `Storage refuses the key (${status}).`, "Give a secret key of this project (--secret-key).")
    : broken(check, `Storage answers ${status}.`, "Check SUPABASE_URL and the project's status.");
}

async function checkFunction(probe: Probe, name: string, signal?: AbortSignal): Promise<Finding> {
  const check = `project.function.${name}`;
  const deploy = `Run: supabase functions deploy ${name}`;
  const status = await probe(`/functions/v1/${name}`, { method: "POST", withKey: false }, signal);
  if (status === 401) return ok(check, `Function ${name} is deployed and refuses callers without a key.`);
  if (status === 404) {
    return warning(
      check,
      `Function ${name} is not deployed; only the command line can make backups.`,
      deploy,
    );
  }
  if (status < 300) {
    return broken(check, `Function ${name} answers ${status} to a caller without a key.`, `${deploy} at once.`);
  }
  return broken(
    check,
    `Function ${name} answers ${status} instead of 401.`,
    `Read its log in the dashboard. ${deploy}`,
  );
}
