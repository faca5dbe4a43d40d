import type { Session } from "../../database.ts";
import { CRON_JOBS, FAMILIES, LEDGER, SEQUENCE_READER } from "./families/mod.ts";
import { quoteLiteral } from "../../format/sql_names.ts";
import { SECTION_OF_KIND } from "../../format/statement_kinds.ts";
import {
  API_ROLES,
  PLATFORM_EXTENSIONS,
  PLATFORM_PUBLICATIONS,
  PLATFORM_ROLES,
  PLATFORM_SCHEMAS,
  SHARED_FUNCTION_SCHEMAS,
} from "../../catalogue/platform.ts";
import { SCOPE_CTES } from "./scope.ts";
import type { Family, FamilyRow, SchemaOmission } from "./statement.ts";

export interface Collected {
  /** Values of the parameters $1 to $7 of scope.ts. */
  readonly scope: readonly (readonly string[])[];
  /** Sorted by kind, then by name. */
  readonly rows: readonly FamilyRow[];
  readonly ledger: readonly (SchemaOmission & { readonly address: string | null })[];
  readonly sequences: readonly SequenceRow[];
}

interface SequenceRow {
  readonly schema: string;
  readonly name: string;
  readonly identity: string;
  readonly address: string;
  readonly last_value: string;
  readonly is_called: boolean;
  readonly owned_by: string | null;
}

const KINDS = Object.keys(SECTION_OF_KIND);
const PLACE_OF_KIND = new Map(KINDS.map((kind, index) => [kind, index]));

/** Asks every family for its statements. */
export async function collect(session: Session, schemas: readonly string[], signal?: AbortSignal): Promise<Collected> {
  const scope = [
    schemas.filter((schema) => !PLATFORM_SCHEMAS.includes(schema)),
    PLATFORM_SCHEMAS,
    PLATFORM_ROLES,
    API_ROLES,
    PLATFORM_EXTENSIONS,
    PLATFORM_PUBLICATIONS,
    SHARED_FUNCTION_SCHEMAS,
  ];
  const ask = <Row>(query: string) => session.query<Row>(query, scope, signal);
  const askFamily = ({ ctes, select }: Family) =>
    ask<FamilyRow>(`with recursive ${SCOPE_CTES}${ctes === undefined ? "" : `, ${ctes}`} ${select}`);

  const rows: FamilyRow[] = [];
  for (const family of Object.values(FAMILIES)) rows.push(...await askFamily(family));
  const [{ has_cron }] = await session.query<{ has_cron: boolean }>(
    "select to_regclass('cron.job') is not null as has_cron",
    undefined,
    signal,
  );
  if (has_cron) rows.push(...await askFamily(CRON_JOBS));

  const [{ query }] = await ask<{ query: string | null }>(`with ${SCOPE_CTES} ${SEQUENCE_READER}`);
  const sequences = query === null ? [] : await session.query<SequenceRow>(query, undefined, signal);
  rows.push(...sequences.map(valueOf));

  const ledger = await ask<SchemaOmission & { address: string | null }>(`with ${SCOPE_CTES} ${LEDGER}`);
  rows.sort(byKindThenName);
  return { scope, rows, ledger, sequences };
}

function valueOf({ identity, address, last_value, is_called }: SequenceRow): FamilyRow {
  return {
    kind: "sequence value",
    identity,
    needs: address,
    sql: `select pg_catalog.setval(${quoteLiteral(identity)}, ${last_value}, ${is_called});`,
  };
}

function byKindThenName(a: FamilyRow, b: FamilyRow): number {
  const byKind = PLACE_OF_KIND.get(a.kind)! - PLACE_OF_KIND.get(b.kind)!;
  if (byKind !== 0) return byKind;
  return a.identity < b.identity ? -1 : a.identity > b.identity ? 1 : (a.sql ?? "") < (b.sql ?? "") ? -1 : 1;
}
