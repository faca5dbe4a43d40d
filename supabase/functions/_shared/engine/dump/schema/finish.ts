import { type Arranged, SECTIONS } from "./arrange.ts";
import { guarded } from "./guard.ts";
import { withoutSecrets } from "./secrets.ts";
import { SESSION_SETTINGS } from "./session_settings.ts";
import type { SchemaOmission } from "./statement.ts";
import type { SchemaStatement } from "../../format/schema_statement.ts";

/** Statements as stored: guarded, without secrets, and with session settings at the start of each section. */
export function finish(
  arranged: readonly Arranged[],
): { statements: SchemaStatement[]; removedSecrets: SchemaOmission[] } {
  const removedSecrets: SchemaOmission[] = [];
  const statements: SchemaStatement[] = [];
  for (const section of SECTIONS) {
    const inSection = arranged.filter((statement) => statement.section === section && statement.row.sql !== null);
    if (inSection.length === 0) continue;
    for (const sql of SESSION_SETTINGS) statements.push({ section, kind: "session", identity: "settings", sql });
    for (const { row, sql: text } of inSection) {
      const { kind, identity, guard } = row;
      const sql = withoutSecrets(text);
      if (sql !== text) {
        removedSecrets.push({
          kind,
          identity,
          reason: "It holds a key, which was replaced by a placeholder. Put the key back after the restore.",
        });
      }
      statements.push({ section, kind, identity, sql: guard ? guarded(sql, guard, `${kind} ${identity}`) : sql });
    }
  }
  return { statements, removedSecrets };
}
