import type { Family } from "../statement.ts";
import { EVENT_TRIGGERS, TRIGGERS } from "./activation.ts";
import { COMMENTS } from "./comments.ts";
import { CONSTRAINTS, INDEXES } from "./constraints.ts";
import { FOREIGN_DATA } from "./foreign.ts";
import { COLLATIONS, EXTENSIONS, SCHEMAS, STATISTICS, TEXT_SEARCH } from "./foundations.ts";
import { AGGREGATES, CASTS, CONVERSIONS, FUNCTIONS, OPERATORS } from "./functions.ts";
import { MIGRATION_HISTORY } from "./migration_history.ts";
import { DEFAULT_PRIVILEGES, FOREIGN_GRANTS, GRANTS, OWNERSHIP } from "./privileges.ts";
import { PUBLICATIONS } from "./publications.ts";
import { ROLES, SETTINGS } from "./roles.ts";
import { POLICIES, ROW_SECURITY } from "./security.ts";
import { SEQUENCES } from "./sequences.ts";
import { COLUMN_SETTINGS, TABLES } from "./tables.ts";
import { COMPOSITE_TYPES, DOMAINS, ENUM_TYPES, RANGE_TYPES } from "./types.ts";
import { RULES, VIEWS } from "./views.ts";

export { SEQUENCE_READER } from "./sequences.ts";
export { LEDGER } from "./ledger.ts";
export { CRON_JOBS } from "./activation.ts";

/** Kinds and dependencies order the statements, not this list. Cron jobs are only asked for where there are any. */
export const FAMILIES: Readonly<Record<string, Family>> = {
  roles: ROLES,
  schemas: SCHEMAS,
  "migration history": MIGRATION_HISTORY,
  extensions: EXTENSIONS,
  collations: COLLATIONS,
  "enum types": ENUM_TYPES,
  "composite types": COMPOSITE_TYPES,
  domains: DOMAINS,
  "range types": RANGE_TYPES,
  functions: FUNCTIONS,
  aggregates: AGGREGATES,
  operators: OPERATORS,
  casts: CASTS,
  conversions: CONVERSIONS,
  "text search": TEXT_SEARCH,
  "foreign data": FOREIGN_DATA,
  sequences: SEQUENCES,
  tables: TABLES,
  "column settings": COLUMN_SETTINGS,
  views: VIEWS,
  rules: RULES,
  constraints: CONSTRAINTS,
  indexes: INDEXES,
  statistics: STATISTICS,
  "row security": ROW_SECURITY,
  policies: POLICIES,
  ownership: OWNERSHIP,
  grants: GRANTS,
  "foreign grants": FOREIGN_GRANTS,
  "default privileges": DEFAULT_PRIVILEGES,
  publications: PUBLICATIONS,
  settings: SETTINGS,
  comments: COMMENTS,
  triggers: TRIGGERS,
  "event triggers": EVENT_TRIGGERS,
};
