import type { DumpManifest } from "../../contract/mod.ts";
import type { DumpCheckPosition } from "../../contract/verify_steps.ts";
import type { ManifestTable } from "../format/manifest.ts";
import { tableName } from "../format/sql_names.ts";

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

/** Adds up what the members of each table hold, over several invocations. */
export class TableSums {
  /** Rows of all tables. */
  rows = 0;
  readonly #sums: Map<string, Sum>;
  /** How many members each table has. */
  readonly #members = new Map<string, number>();

  constructor({ tables, members }: DumpManifest, partly: DumpCheckPosition["partly"]) {
    this.#sums = new Map(tables.map((table) => [tableName(table), { table, members: 0, rows: 0, digest: 0n }]));
    for (const { table } of members) if (table !== null) this.#members.set(table, (this.#members.get(table) ?? 0) + 1);
    for (const [name, read, rows, digest] of partly) {
      Object.assign(this.#sums.get(name)!, { members: read, rows, digest: BigInt(digest) });
    }
  }

  add(name: string, { rows, digest }: MemberContent): void {
    const sum = this.#sums.get(name);
    if (!sum) return;
    sum.members++;
    sum.rows += rows;
    sum.digest += digest;
    this.rows += rows;
  }

  /** Tables all of whose members were read, and found whole; each once. */
  *takeComplete(): Generator<{ readonly name: string; readonly table: ManifestTable; readonly digest: string }> {
    for (const [name, { table, members, digest }] of this.#sums) {
      if (members === 0 || members !== this.#members.get(name)) continue;
      this.#sums.delete(name);
      yield { name, table, digest: digest.toString() };
    }
  }

  /** Tables of which some members were read. */
  partly(): DumpCheckPosition["partly"] {
    return [...this.#sums].flatMap(([name, { members, rows, digest }]) =>
      members > 0 ? [[name, members, rows, digest.toString()]] : []
    );
  }
}
