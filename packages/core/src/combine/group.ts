/**
 * Which items of a request go where: one part for each owner, in the order in
 * which the owners first appear. The grouping travels to the merge, so that
 * order and repetitions need no second parse.
 *
 * ```
 * owners  4 0 4 4 0    ─▶ owners [4, 0]   counts [3, 2]   groupOf [0, 1, 0, 0, 1]
 * ```
 */

/** See the module. */
export interface Grouping {
  /** Owner of each group, in the order of their first items. */
  readonly owners: readonly number[];
  /** Items of each group. */
  readonly counts: readonly number[];
  /** For each item, the index of its group. */
  readonly groupOf: readonly number[];
}

/**
 * Groups items by owner. `owners` has the owner of each item, an integer in
 * [0, `bound`): the index of a cluster, say. Null when an item has none (-1).
 * Costs one array of `bound` entries.
 */
export function groupByOwner(owners: ArrayLike<number>, bound: number): Grouping | null {
  // Plain arrays: typed ones of this size live outside the heap and cost more than all of this.
  const places: number[] = new Array(bound).fill(-1);
  const groupOf: number[] = new Array(owners.length).fill(0);
  const found: number[] = [];
  const counts: number[] = [];
  for (let i = 0; i < owners.length; i++) {
    const owner = owners[i] as number;
    if (owner < 0) return null;
    let place = places[owner] as number;
    if (place < 0) {
      place = found.length;
      places[owner] = place;
      found.push(owner);
      counts.push(0);
    }
    groupOf[i] = place;
    counts[place] = (counts[place] as number) + 1;
  }
  return { owners: found, counts, groupOf };
}

/** Positions of the items by key (an owner, a cluster and node), in the order in which keys first appear. */
export function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, number[]> {
  const groups = new Map<K, number[]>();
  items.forEach((item, position) => {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [position]);
    else group.push(position);
  });
  return groups;
}
