// Written by `npm run generate`; do not edit.
import type { EdgeFunctionDescription } from "../engine/format/dump_document.ts";

/** The project's edge functions at the time of deployment. */
export const EDGE_FUNCTIONS: readonly EdgeFunctionDescription[] = [
  {
    "name": "backup-admin",
    "description": "What the admin page asks for: verify a recovery point, cancel a run, a download link, label and pin, the overview.",
    "configuration": {
      "verify_jwt": false
    }
  },
  {
    "name": "backup-maintenance",
    "description": "Woken by cron every ten minutes: closes dead runs, starts owed media runs, has a verify go on, settles recovery points, sends what is owed.",
    "configuration": {
      "verify_jwt": false
    }
  },
  {
    "name": "backup-media",
    "description": "Streams every Storage object into S3, writes the point's media manifest and the inventory of files in Cloudflare R2.",
    "configuration": {
      "verify_jwt": false
    }
  },
  {
    "name": "database-backup",
    "description": "Dumps every table and the schema into one JSON document in S3, records the run, then starts backup-media.",
    "configuration": {
      "verify_jwt": false
    }
  }
];
