import { rejects } from "node:assert/strict";
import { hasCode } from "../../engine/errors.ts";
import { createProjectProbe } from "./project_probe.ts";

Deno.test("a project whose API does not answer is unreachable, which is no answer about it", async () => {
  const probe = createProjectProbe("http://127.0.0.1:9", "sb_secret_key");
  await rejects(
    async () => await probe("/rest/v1/", { method: "GET", withKey: true }),
    (error) => hasCode(error, "project_unreachable") && error.kind === "transient",
  );
});
