import { prefixedStore } from "../../supabase/functions/_shared/engine/store/prefixed_store.ts";
import { startS3rver, storeOn } from "../support/s3_server.ts";
import { MediaProject } from "./project.ts";
import { killAtRandom } from "./random_kills.ts";

Deno.test({
  name: "twenty random kills of media invocations end in success, every file equal",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using project = await MediaProject.startWithRuns();
    await using server = await startS3rver();
    await killAtRandom(project, prefixedStore(storeOn(server), "kills/"), 20);
  },
});
