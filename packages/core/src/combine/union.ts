/** Values of several parts, each once, in the order in which they first appear. */
import { textOf } from "../bytes/latin1.ts";

/** All values, each once; `keyOf` says which are the same. */
export function union<T, K>(lists: Iterable<Iterable<T>>, keyOf: (value: T) => K): T[] {
  const found = new Map<K, T>();
  for (const list of lists) {
    for (const value of list) {
      const key = keyOf(value);
      if (!found.has(key)) found.set(key, value);
    }
  }
  return [...found.values()];
}

/** A set of byte strings. Keeps copies. */
export class ByteSet {
  readonly #seen = new Set<string>();

  /** How many. */
  get size(): number {
    return this.#seen.size;
  }

  /** Adds `bytes[from, to)`; whether it was new. */
  add(bytes: Uint8Array, from = 0, to: number = bytes.length): boolean {
    const before = this.#seen.size;
    return this.#seen.add(textOf(bytes, from, to)).size > before;
  }
}
