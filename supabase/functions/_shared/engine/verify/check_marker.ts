import { hasCode } from "../errors.ts";
import { MARKER_KEY } from "../format/keys.ts";
import { readText } from "../store/read_text.ts";
import type { VerifyContext } from "./verify_context.ts";

/**
 * Whether the ownership marker says that this bucket is the project's. What is wrong with it is a warning: the next
 * backup writes a missing one, and refuses to write where it is another project's. Throws the store's other errors.
 */
export async function checkMarker({ dependencies, findings, run }: VerifyContext): Promise<boolean> {
  let text: string;
  try {
    text = await readText(dependencies.store, MARKER_KEY, run.signal);
  } catch (error) {
    if (!hasCode(error, "object_missing")) throw error;
    findings.warnings.push(`The ownership marker ${MARKER_KEY} is missing from the bucket.`);
    return false;
  }
  const project = projectIn(text);
  if (project === run.project) return true;
  findings.warnings.push(
    project === undefined
      ? `The ownership marker ${MARKER_KEY} is not one that Lifeboat wrote.`
      : `The ownership marker ${MARKER_KEY} says that the bucket belongs to project ${JSON.stringify(project)}.`,
  );
  return false;
}

function projectIn(text: string): unknown {
  try {
    const marker = JSON.parse(text) as { format?: unknown; project?: unknown } | null;
    return marker?.format === "lifeboat-marker" ? marker.project : undefined;
  } catch {
    return undefined;
  }
}
