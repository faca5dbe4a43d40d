import { storeOn } from "../support/s3_server.ts";
import { startVersitygw, versitygwIsMissing } from "../support/versitygw.ts";
import { killMediaAtRandom } from "../media/random_kills.ts";
import { MediaProject } from "../media/project.ts";

const without = await versitygwIsMissing();

for (const versions of [false, true]) {
  Deno.test({
    name:
      `a hundred random kills, and pauses, of media invocations, ${
        versions ? "with" : "without"
      } versions in the bucket` +
      (without ? `: ${without}` : ""),
    ignore: without !== undefined,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await using project = await MediaProject.start();
      await using server = await startVersitygw({ versions });
      await killMediaAtRandom(project, storeOn(server), 100);
    },
  });
}
