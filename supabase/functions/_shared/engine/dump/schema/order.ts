/** One edge: `statement` must come after `after`. Numbers are positions in the list of statements. */
export interface Edge {
  readonly statement: number;
  readonly after: number;
}

/**
 * Groups of positions, each after every group that it depends on; a group of more than one is a circle. Positions that
 * do not depend on each other keep their order. Tarjan's algorithm: https://doi.org/10.1137/0201010
 */
export function groupsInOrder(count: number, edges: readonly Edge[]): number[][] {
  const after = neighbours(count, edges);
  const index = new Int32Array(count).fill(-1);
  const low = new Int32Array(count);
  const onStack = new Uint8Array(count);
  const stack: number[] = [];
  const groups: number[][] = [];
  let next = 0;

  // The stack of calls is an array, because a chain of a thousand views would overflow that of the language.
  for (let root = 0; root < count; root++) {
    if (index[root] !== -1) continue;
    const calls: { node: number; position: number }[] = [{ node: root, position: 0 }];
    while (calls.length > 0) {
      const call = calls[calls.length - 1];
      const { node } = call;
      if (call.position === 0) {
        index[node] = low[node] = next++;
        stack.push(node);
        onStack[node] = 1;
      }
      const target = after[node][call.position++];
      if (target !== undefined) {
        if (index[target] === -1) calls.push({ node: target, position: 0 });
        else if (onStack[target]) low[node] = Math.min(low[node], index[target]);
        continue;
      }
      calls.pop();
      const caller = calls.at(-1)?.node;
      if (caller !== undefined) low[caller] = Math.min(low[caller], low[node]);
      if (low[node] !== index[node]) continue;
      const group = stack.splice(stack.lastIndexOf(node));
      for (const member of group) onStack[member] = 0;
      groups.push(group.sort((a, b) => a - b));
    }
  }
  return groups;
}

function neighbours(count: number, edges: readonly Edge[]): number[][] {
  const lists: number[][] = Array.from({ length: count }, () => []);
  for (const { statement, after } of edges) lists[statement].push(after);
  for (const list of lists) list.sort((a, b) => a - b);
  return lists;
}
