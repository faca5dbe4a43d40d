export { type AppliedMigration, applyMigrations, findChanges, type Migration } from "./apply_migrations.ts";
export type { MigrationDatabase, MigrationSession, Notice } from "./migration_database.ts";
export { countHistory, type Removal, removeLifeboat } from "./remove_lifeboat.ts";
export { readScheduleProblem, type ScheduleSecrets, type StoredSecret, storeScheduleSecrets } from "./vault_secrets.ts";
