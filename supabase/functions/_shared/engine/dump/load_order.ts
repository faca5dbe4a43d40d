import type { CatalogueTable } from "../catalogue/catalogue.ts";

/**
 * The place of each table (from 1, by object id) such that a table comes after those its foreign keys point at. A cycle
 * has no such order: its members come together, in name order, and are loaded before foreign keys are made.
 */
export function loadOrder(tables: readonly CatalogueTable[]): Map<string, number> {
  const byOid = new Map(tables.map((table) => [table.oid, table]));
  const order = new Map<string, number>();
  const visiting = new Set<string>();
  for (const root of tables) {
    // An explicit stack: a chain of foreign keys may be longer than the call stack.
    const stack = [{ table: root, next: 0 }];
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (order.has(top.table.oid)) {
        stack.pop();
        continue;
      }
      visiting.add(top.table.oid);
      const target = byOid.get(top.table.references[top.next++] ?? "");
      if (target) {
        if (!order.has(target.oid) && !visiting.has(target.oid)) stack.push({ table: target, next: 0 });
      } else if (top.next > top.table.references.length) {
        order.set(top.table.oid, order.size + 1);
        stack.pop();
      }
    }
  }
  return order;
}
