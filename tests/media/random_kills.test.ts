import { prefixedStore } from "../../supabase/functions/_shared/engine/store/prefixed_store.ts";
import { startS3rver, storeOn } from "../support/s3_server.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";
import { MediaProject } from "./project.ts";
import { killMediaAtRandom } from "./random_kills.ts";

// s3rver sometimes answers 500 to a request after the one before it was cut off.
const missing = await versitygwIsMissing();

Deno.test({
  name: "twenty random kills, and pauses, of media invocations end in success, every file equal",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using project = await MediaProject.start();
    await using server = missing ? await startS3rver() : await startVersitygw();
    await killMediaAtRandom(project, prefixedStore(storeOn(server), "kills/"), 20);
  },
});
