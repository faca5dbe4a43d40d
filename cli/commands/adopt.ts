import { composeStore } from "../../supabase/functions/_shared/compose/store.ts";
import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import { hasCode } from "../../supabase/functions/_shared/engine/errors.ts";
import { MARKER_KEY } from "../../supabase/functions/_shared/engine/format/keys.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { adoptOwnership } from "../../supabase/functions/_shared/engine/store/ownership.ts";
import { readText } from "../../supabase/functions/_shared/engine/store/read_text.ts";
import { readSettings } from "../configuration.ts";
import { ask, canAsk } from "../confirm.ts";
import { EXIT_CODES } from "../exit_code.ts";
import { type Host, newCommand, perform } from "../perform.ts";
import { usage } from "../settings.ts";

export const adopt = newCommand("adopt", "let this project write to a bucket that another one wrote to before")
  .option("--yes", "do not ask: the other project is gone, or writes elsewhere")
  .action((options) =>
    perform(options, async (host) => {
      const configuration = readSettings(host.environment, ["store", "api"]);
      const store = composeStore(configuration);
      const owner = { project: configuration.project, projectUrl: configuration.access.supabaseUrl };
      const before = await presentMarker(store, host.signal);
      if (options.yes !== true) await confirm(host, before, owner.project);
      await adoptOwnership(store, owner, systemClock.now(), host.signal);
      return {
        exitCode: EXIT_CODES.done,
        json: { owner, before },
        text: `The bucket now belongs to ${owner.project} at ${owner.projectUrl}.`,
      };
    })
  );

/** The text of the present marker, for people to judge; null when the bucket says that there is none. */
async function presentMarker(store: ObjectStore, signal: AbortSignal): Promise<string | null> {
  try {
    return (await readText(store, MARKER_KEY, signal)).trim();
  } catch (error) {
    if (hasCode(error, "object_missing")) return null;
    throw error;
  }
}

async function confirm(host: Host, before: string | null, project: string): Promise<void> {
  if (!canAsk(host.json)) throw usage("adopt needs --yes where nobody can be asked.");
  host.tell(before === null ? `The bucket has no ${MARKER_KEY} yet.` : `${MARKER_KEY} now says:\n${before}`);
  host.tell("If the project named there still backs up to this place, both will write over each other.");
  const answer = await ask(`Type ${project} to make the bucket this project's: `, host.signal);
  if (answer !== project) throw usage("Not confirmed; nothing was changed.");
}
