import { equalAt } from "../bytes/compare.ts";
import { fnv1a32 } from "../bytes/fnv.ts";
import { avalanche } from "../bytes/murmur.ts";

/**
 * Finds byte strings by their hash (open addressing, at most half full) and
 * takes a look-up's key as an offset range, so nothing is allocated. Keys
 * longer or shorter than every entry are not even hashed.
 */
export class ExactMap {
  readonly #pool: Uint8Array;
  readonly #starts: Uint32Array;
  /** Pairs: the hash of an entry, and its index + 1 (0 = free). */
  readonly #slots: Int32Array;
  readonly #mask: number;
  #shortest = 0x7fffffff;
  #longest = -1;

  /** `entries` must hold no duplicates. */
  constructor(entries: readonly Uint8Array[]) {
    this.#starts = new Uint32Array(entries.length + 1);
    entries.forEach((entry, i) => {
      this.#starts[i + 1] = (this.#starts[i] as number) + entry.length;
      this.#shortest = Math.min(this.#shortest, entry.length);
      this.#longest = Math.max(this.#longest, entry.length);
    });
    this.#pool = new Uint8Array(this.#starts[entries.length] as number);
    let capacity = 2;
    while (capacity < 2 * entries.length) capacity *= 2;
    this.#slots = new Int32Array(2 * capacity);
    this.#mask = capacity - 1;
    entries.forEach((entry, i) => {
      this.#pool.set(entry, this.#starts[i]);
      const hash = hashOf(entry, 0, entry.length);
      let slot = hash & this.#mask;
      while (this.#slots[2 * slot + 1] !== 0) slot = (slot + 1) & this.#mask;
      this.#slots[2 * slot] = hash;
      this.#slots[2 * slot + 1] = i + 1;
    });
  }

  /** Index of the entry equal to `bytes[from, to)`, -1 = none. */
  find(bytes: Uint8Array, from: number, to: number): number {
    const length = to - from;
    if (length < this.#shortest || length > this.#longest) return -1;
    const hash = hashOf(bytes, from, to);
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const index = (this.#slots[2 * slot + 1] as number) - 1;
      if (index < 0) return -1;
      if (this.#slots[2 * slot] !== hash) continue;
      const start = this.#starts[index] as number;
      if ((this.#starts[index + 1] as number) - start !== length) continue;
      if (equalAt(bytes, from, to, this.#pool, start)) return index;
    }
  }
}

/** FNV is quick on short keys, but its low bits alone spread badly. Signed: engines box larger numbers. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  return avalanche(fnv1a32(bytes, from, to)) | 0;
}
