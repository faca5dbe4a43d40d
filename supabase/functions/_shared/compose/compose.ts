import type { Configuration, Environment } from "../config/mod.ts";
import type { PointNotifier } from "../engine/notify/point_notifier.ts";
import type { Database } from "../engine/database.ts";
import type { ObjectStore } from "../engine/store/object_store.ts";
import { composeDatabase } from "./database.ts";
import type { HostLimits } from "./limits.ts";
import { composeNotifier } from "./notifier.ts";
import { composeStore } from "./store.ts";

/** What every operation needs. The files beside this one add what a single operation needs. */
export interface Composition {
  readonly configuration: Configuration;
  readonly environment: Environment;
  readonly limits: HostLimits;
  readonly database: Database;
  readonly store: ObjectStore;
  readonly notifier: PointNotifier;
}

export function compose(configuration: Configuration, environment: Environment, limits: HostLimits): Composition {
  return {
    configuration,
    environment,
    limits,
    database: composeDatabase(configuration.access),
    store: composeStore(configuration),
    notifier: composeNotifier(configuration),
  };
}
