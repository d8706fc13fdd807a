/** Sets of byte strings as half-open intervals in bytewise order. */
import { compareBytes } from "../bytes/compare.ts";

/** All byte strings from `from` up to, but without, `to`; null = no end. */
export interface Interval {
  /** First string. */
  readonly from: Uint8Array;
  /** First string behind; null = none. */
  readonly to: Uint8Array | null;
}

/** The one string. */
export function pointInterval(bytes: Uint8Array): Interval {
  const to = new Uint8Array(bytes.length + 1);
  to.set(bytes);
  return { from: bytes, to };
}

/**
 * The strings that have this prefix. With a separator (a byte value) only
 * those in which it ends a level: the prefix itself, and what goes on with
 * the separator. -1 = no separator.
 */
export function prefixIntervals(prefix: Uint8Array, separator: number): readonly Interval[] {
  if (separator < 0 || prefix.length === 0 || prefix.at(-1) === separator) {
    return [{ from: prefix, to: successor(prefix) }];
  }
  const below = new Uint8Array(prefix.length + 1);
  below.set(prefix);
  below[prefix.length] = separator;
  return [pointInterval(prefix), { from: below, to: successor(below) }];
}

/** The union as disjoint intervals in ascending order, neighbours joined. */
export function union(intervals: readonly Interval[]): readonly Interval[] {
  const merged: { from: Uint8Array; to: Uint8Array | null }[] = [];
  for (const { from, to } of [...intervals].sort((a, b) => compareBytes(a.from, b.from))) {
    if (to !== null && compareBytes(from, to) >= 0) continue;
    const last = merged.at(-1);
    if (last === undefined || (last.to !== null && compareBytes(last.to, from) < 0)) {
      merged.push({ from, to });
    } else if (last.to !== null && (to === null || compareBytes(to, last.to) > 0)) last.to = to;
  }
  return merged;
}

/** Whether a {@link union} holds all of the interval. */
export function covers(merged: readonly Interval[], interval: Interval): boolean {
  let low = 0;
  let high = merged.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBytes((merged[middle] as Interval).from, interval.from) <= 0) low = middle + 1;
    else high = middle;
  }
  const candidate = merged[low - 1];
  if (candidate === undefined) return false;
  if (candidate.to === null) return true;
  return interval.to !== null && compareBytes(interval.to, candidate.to) <= 0;
}

/** The first string behind all that have this prefix; null when there is none. */
function successor(prefix: Uint8Array): Uint8Array | null {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length--;
  if (length === 0) return null;
  const next = prefix.slice(0, length);
  next[length - 1] = (next[length - 1] as number) + 1;
  return next;
}
