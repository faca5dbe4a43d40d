export { type BucketSettings, checkBucket, type ExpiryRule } from "./bucket_checks.ts";
export { checkDatabase } from "./database_checks.ts";
export { broken, examine, type Finding, ok, skipped, type Verdict } from "./finding.ts";
export { checkInstallation } from "./installation_checks.ts";
export { checkNotifications } from "./notification_checks.ts";
export { checkProject, type Probe } from "./project_checks.ts";
export { checkStore } from "./store_checks.ts";
