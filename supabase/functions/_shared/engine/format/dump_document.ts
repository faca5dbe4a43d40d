import type { DumpTable, LedgerEntry } from "../../contract/mod.ts";

/** An edge function as the project has it, written down at deployment because a function cannot list them. */
export interface EdgeFunctionDescription {
  readonly name: string;
  readonly description: string;
  readonly configuration: Readonly<Record<string, unknown>>;
}

/** What stands before the rows. */
export interface DumpHead {
  readonly project: string;
  readonly recoveryPoint: string;
  readonly snapshotAt: string;
  readonly source: {
    readonly serverVersion: string;
    readonly serverVersionNumber: number;
    readonly encoding: string;
  };
  /** Statements in the order in which they are run, by section; see docs/DESIGN.md. */
  readonly schema: { readonly statements: readonly object[]; readonly sequences: readonly object[] };
  readonly edgeFunctions: readonly EdgeFunctionDescription[];
  /** Names only. */
  readonly secretNames: readonly string[];
}

// The document is written in pieces that, one after the other, are one JSON value. Rows stand one to a line.

export function documentHead(head: DumpHead): string {
  return open({ format: "lifeboat-dump", formatVersion: 1, ...head }) + ',"tables":{\n';
}

export function tableHead(name: string, table: DumpTable): string {
  return `${JSON.stringify(name)}:${open(table)},"rows":[\n`;
}

export function tableTail(last: boolean): string {
  return last ? "\n]}\n" : "\n]},\n";
}

export const rowSeparator = ",\n";

/** The ledger comes last: a row can be refused for its size at any time. */
export function documentTail(ledger: readonly LedgerEntry[]): string {
  return `},"ledger":${JSON.stringify(ledger)}}\n`;
}

/** JSON of an object without its closing brace. */
function open(value: object): string {
  return JSON.stringify(value).slice(0, -1);
}
