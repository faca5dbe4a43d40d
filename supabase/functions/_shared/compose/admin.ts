import { cronerSchedule } from "../adapters/node/croner_schedule.ts";
import { createS3LinkSigner } from "../adapters/s3/signed_link.ts";
import type { Composition } from "./compose.ts";
import { s3SettingsOf } from "./store.ts";
import type { AdminDependencies } from "../engine/admin/admin_dependencies.ts";
import { systemClock } from "../engine/clock.ts";

export function composeAdmin({ configuration, database, store }: Composition): AdminDependencies {
  return {
    database,
    store,
    links: createS3LinkSigner(s3SettingsOf(configuration.store), configuration.store.prefix),
    cron: cronerSchedule,
    clock: systemClock,
    project: configuration.project,
  };
}
