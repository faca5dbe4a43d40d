import type { DumpManifest } from "../../contract/mod.ts";
import { tableName } from "../format/sql_names.ts";

type ManifestTable = DumpManifest["tables"][number];

/** What a member of a table holds. */
export interface MemberContent {
  readonly rows: number;
  /** Sum of the digests of its rows. */
  readonly digest: bigint;
}

interface Sum {
  readonly table: ManifestTable;
  members: number;
  rows: number;
  digest: bigint;
}

/** Adds up what the members of each table hold. */
export class TableSums {
  readonly #sums: Map<string, Sum>;
  /** Members that were not read yet. */
  readonly #left = new Map<string, number>();

  constructor({ tables, members }: DumpManifest) {
    this.#sums = new Map(tables.map((table) => [tableName(table), { table, members: 0, rows: 0, digest: 0n }]));
    for (const { table } of members) if (table !== null) this.#left.set(table, (this.#left.get(table) ?? 0) + 1);
  }

  add(name: string, { rows, digest }: MemberContent): void {
    const sum = this.#sums.get(name);
    if (!sum) return;
    sum.members++;
    sum.rows += rows;
    sum.digest += digest;
  }

  /** Tables all of whose members were read, and found whole. */
  *complete(): Generator<{ readonly name: string; readonly table: ManifestTable; readonly digest: string }> {
    for (const [name, { table, members, digest }] of this.#sums) {
      if (members > 0 && members === this.#left.get(name)) yield { name, table, digest: digest.toString() };
    }
  }

  get rows(): number {
    return [...this.#sums.values()].reduce((sum, { rows }) => sum + rows, 0);
  }

  table(name: string): ManifestTable | undefined {
    return this.#sums.get(name)?.table;
  }
}
