import type { DumpTable, LedgerEntry } from "../../contract/mod.ts";

/** An edge function of the project. The list is made at deployment, because a running function cannot ask for it. */
export interface EdgeFunctionDescription {
  readonly name: string;
  readonly description: string;
  readonly configuration: Readonly<Record<string, unknown>>;
}

/** The head of the document: everything before the tables. */
export interface DumpHead {
  readonly project: string;
  readonly recoveryPoint: string;
  readonly snapshotAt: string;
  readonly source: {
    readonly serverVersion: string;
    readonly serverVersionNumber: number;
    readonly encoding: string;
  };
  /** Statements in the order in which a restore runs them, section by section; see docs/DESIGN.md. */
  readonly schema: { readonly statements: readonly object[]; readonly sequences: readonly object[] };
  readonly edgeFunctions: readonly EdgeFunctionDescription[];
  /** Names of the project's function secrets; their values are never stored. */
  readonly secretNames: readonly string[];
}

// The functions below write the pieces of the document. Joined in order, the pieces are one JSON value. Each row stands
// on a line of its own.

export function documentHead(head: DumpHead): string {
  return open({ format: "lifeboat-dump", formatVersion: 1, ...head }) + ',"tables":{\n';
}

export function tableHead(name: string, table: DumpTable): string {
  return `${JSON.stringify(name)}:${open(table)},"rows":[\n`;
}

export function tableTail(last: boolean): string {
  return last ? "\n]}\n" : "\n]},\n";
}

export const ROW_SEPARATOR = ",\n";

/** The ledger comes last, because a row of any table may still be left out for its size. */
export function documentTail(ledger: readonly LedgerEntry[]): string {
  return `},"ledger":${JSON.stringify(ledger)}}\n`;
}

/** JSON of an object without its closing brace. */
function open(value: object): string {
  return JSON.stringify(value).slice(0, -1);
}
