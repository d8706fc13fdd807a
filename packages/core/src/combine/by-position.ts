/**
 * Answers of several parts in the client's order, and one after the other.
 * Values come as values, or as bytes that are only skipped, never read.
 */
import type { Spans } from "./spans.ts";

/**
 * Each value at the position of its item: `positions[g]` are those of the
 * items of part `g`, `values[g]` its values in the same order, `width` for
 * each item. Null when a part has more or fewer values than items, or when a
 * part is missing: never a partial answer.
 */
export function byPosition<T>(
  positions: readonly (readonly number[])[],
  values: readonly (readonly T[])[],
  width = 1,
): T[] | null {
  if (positions.length !== values.length) return null;
  const count = positions.reduce((sum, { length }) => sum + length, 0);
  const merged = new Array<T>(count * width);
  for (const [g, own] of values.entries()) {
    const places = positions[g] as readonly number[];
    if (own.length !== places.length * width) return null;
    own.forEach((value, i) => {
      merged[(places[Math.floor(i / width)] as number) * width + (i % width)] = value;
    });
  }
  return merged;
}

/** Items in bytes, one behind the other. */
export interface ItemSource {
  /** Where they are. */
  readonly bytes: Uint8Array;
  /** Start of the next one. */
  at: number;
  /** The whole of `bytes` stands for each item: an error in place of the values of a part that failed. */
  readonly repeats: boolean;
}

/**
 * Adds items in the order of the request: for each entry of `groupOf` (see
 * {@link Grouping}) the next `width` items of that source. `skip` gives the
 * offset behind the item at `from`. Moves `at` of the sources. Count the items
 * of each source first: this does not.
 */
export function addByPosition(
  out: Spans,
  groupOf: ArrayLike<number>,
  sources: readonly ItemSource[],
  skip: (bytes: Uint8Array, from: number) => number,
  width: number,
): void {
  for (let i = 0; i < groupOf.length; i++) {
    const source = sources[groupOf[i] as number] as ItemSource;
    const { bytes, at } = source;
    if (source.repeats) {
      out.add(bytes, 0, bytes.length);
      continue;
    }
    let to = at;
    for (let left = width; left > 0; left--) to = skip(bytes, to);
    source.at = to;
    out.add(bytes, at, to);
  }
}

/** Adds what is left of the sources, one after the other. */
export function addConcatenated(out: Spans, sources: readonly ItemSource[]): void {
  for (const { bytes, at } of sources) out.add(bytes, at, bytes.length);
}

/** All values, those of the first part first. */
export function concatenate<T>(lists: readonly (readonly T[])[]): T[] {
  return lists.flat() as T[];
}
