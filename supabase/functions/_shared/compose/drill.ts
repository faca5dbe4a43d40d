import { nodeChecksums } from "../adapters/node/checksum.ts";
import { nodeGunzip } from "../adapters/node/gunzip.ts";
import { createPostgresServer } from "../adapters/postgres/server.ts";
import type { Composition } from "./compose.ts";
import { systemClock } from "../engine/clock.ts";
import type { DrillDependencies, DrillSettings } from "../engine/drill/mod.ts";

/** Builds the dependencies of a drill. `serverUrl`: the server of the scratch database, if not the project's own. */
export function composeDrill(
  { configuration, database, store }: Composition,
  serverUrl: string = configuration.access.databaseUrl.reveal(),
): { readonly dependencies: DrillDependencies; readonly settings: DrillSettings } {
  return {
    dependencies: {
      store,
      checksums: nodeChecksums,
      decompressor: nodeGunzip,
      clock: systemClock,
      random: Math.random,
      database,
      server: createPostgresServer(serverUrl),
    },
    settings: { queries: configuration.drillQueries },
  };
}
