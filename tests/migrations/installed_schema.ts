import { readLifeboatSchema } from "../support/lifeboat_schema.ts";
import { migrate } from "../support/migrations.ts";
import { startTestServer } from "../support/test_server.ts";

/** The schema that all migrations make in an empty project, on a server of its own. */
export async function installedSchema(binDir?: string): Promise<string> {
  const server = await startTestServer({ binDir });
  try {
    const project = await server.createProject();
    await migrate(project.url);
    return await readLifeboatSchema(project.url);
  } finally {
    await server.stop();
  }
}
