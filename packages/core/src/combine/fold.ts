/** One value of several: sum, least, greatest, and whether all are equal. */

/** Order of two values: negative, 0 or positive. */
export type Compare<T> = (a: T, b: T) => number;

/** Numbers by size. Not for NaN. */
export function ascending(a: number, b: number): number {
  return a - b;
}

/** The sum; fractions round as they do. NaN when a value is NaN. */
export function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** The sum of integers, or NaN where it (or a value) is none that a number holds exactly: beyond ±(2^53 − 1). */
export function exactSum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) {
    total += value;
    if (!Number.isSafeInteger(total) || !Number.isSafeInteger(value)) return Number.NaN;
  }
  return total;
}

/** The least value, the first of equal ones; undefined when there is none. */
export function min<T>(values: readonly T[], compare: Compare<T>): T | undefined {
  let [least] = values;
  for (const value of values) if (compare(value, least as T) < 0) least = value;
  return least;
}

/** The greatest value, the first of equal ones; undefined when there is none. */
export function max<T>(values: readonly T[], compare: Compare<T>): T | undefined {
  let [greatest] = values;
  for (const value of values) if (compare(value, greatest as T) > 0) greatest = value;
  return greatest;
}

/** Whether all are the same as the first; true for none. */
export function allEqual<T>(values: readonly T[], same: (a: T, b: T) => boolean): boolean {
  const [first, ...others] = values;
  return others.every((other) => same(first as T, other));
}

/** Named values folded name by name, in the order in which names first appear: counters of several servers. */
export function foldByKey<K, V>(
  entries: Iterable<readonly [K, V]>,
  fold: (a: V, b: V) => V,
): Map<K, V> {
  const folded = new Map<K, V>();
  for (const [key, value] of entries) {
    const before = folded.get(key);
    folded.set(key, before === undefined ? value : fold(before, value));
  }
  return folded;
}
