import { prefixedStore } from "../../supabase/functions/_shared/engine/store/prefixed_store.ts";
import { startS3rver, storeOn } from "../support/s3_server.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";
import { MediaProject } from "./project.ts";
import { killAtRandom } from "./random_kills.ts";

// s3rver answers 500 now and then to a request whose predecessor was cut off in the middle.
const missing = await versitygwIsMissing();

Deno.test({
  name: "twenty random kills, and pauses, of media invocations end in success, every file equal",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using project = await MediaProject.start();
    await using server = missing ? await startS3rver() : await startVersitygw();
    await killAtRandom(project, prefixedStore(storeOn(server), "kills/"), 20);
  },
});
