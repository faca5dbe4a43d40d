import { systemClock } from "../../supabase/functions/_shared/engine/clock.ts";
import { limitingStore } from "../../supabase/functions/_shared/engine/store/limiting_store.ts";
import type { ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { prefixedStore } from "../../supabase/functions/_shared/engine/store/prefixed_store.ts";
import { retryingStore } from "../../supabase/functions/_shared/engine/store/retrying_store.ts";
import { type S3Server, startS3rver, storeOn } from "../support/s3_server.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";
import { SCENARIOS } from "./object_store.ts";

/** Runs every scenario that the server can take part in, and names the ones it cannot. */
async function conform(t: Deno.TestContext, start: () => Promise<S3Server>, wrap = (store: ObjectStore) => store) {
  await using server = await start();
  const store = wrap(storeOn(server));
  for (const [index, scenario] of SCENARIOS.entries()) {
    const lacking = scenario.needs?.filter((need) => !server.capabilities[need]) ?? [];
    await t.step({
      name: lacking.length ? `${scenario.name} (${server.name} lacks: ${lacking.join(", ")})` : scenario.name,
      ignore: lacking.length > 0,
      fn: () => scenario.run(store, `scenario-${index}/`),
    });
  }
}

/** The decorators as `compose.ts` stacks them. */
function decorated(store: ObjectStore): ObjectStore {
  const limits = {
    requests: 3,
    bytes: 12 * 1024 * 1024,
    streamBytes: 16 * 1024 * 1024,
    sizedStreamBytes: 3 * 1024 * 1024,
  };
  return retryingStore(limitingStore(prefixedStore(store, "projects/sample"), limits), systemClock, Math.random);
}

const missing = await versitygwIsMissing();
const note = missing ? ` (skipped: ${missing})` : "";

Deno.test("the store keeps its promises on s3rver", (t) => conform(t, startS3rver));
Deno.test({
  name: `the store keeps its promises on versitygw without versions${note}`,
  ignore: missing !== undefined,
  fn: (t) => conform(t, startVersitygw),
});
Deno.test({
  name: `the store keeps its promises on versitygw with versions${note}`,
  ignore: missing !== undefined,
  fn: (t) => conform(t, () => startVersitygw({ versions: true })),
});
Deno.test({
  name: `the decorated store keeps the same promises${note}`,
  ignore: missing !== undefined,
  fn: (t) => conform(t, startVersitygw, decorated),
});
