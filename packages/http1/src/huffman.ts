/** Codes of RFC 1951 §3.2.2 as look-up tables: one step per symbol. */

/** A code ready to decode: `table[next bits & mask]` is `symbol << 4 | length`, 0 for no code. */
export class Huffman {
  /** Entries, valid up to `mask`. */
  readonly table: Uint16Array;
  /** The longest code's bits as a mask. */
  mask = 0;
  /** Bits of the longest code; 0 for a code without symbols. */
  bits = 0;
  readonly #counts = new Uint16Array(16);
  readonly #next = new Uint16Array(16);

  /** `maxBits` is the longest code that may come: at most 15. */
  constructor(maxBits: number) {
    this.table = new Uint16Array(1 << maxBits);
  }

  /**
   * Takes the code with these lengths, symbol by symbol. False when it is not
   * one: more codes than fit, or bits that mean nothing. A single code of one
   * bit is taken where `loneCode` allows it. A code without symbols is taken:
   * its first use decodes to nothing.
   */
  build(lengths: Uint8Array, from: number, to: number, loneCode: boolean): boolean {
    const counts = this.#counts.fill(0);
    let bits = 0;
    for (let i = from; i < to; i++) {
      const length = lengths[i] as number;
      counts[length] = (counts[length] as number) + 1;
      if (length > bits) bits = length;
    }
    counts[0] = 0;
    let left = 1;
    for (let length = 1; length <= 15; length++) {
      left = left * 2 - (counts[length] as number);
      if (left < 0) return false;
      if (length === bits && left > 0 && !(loneCode && bits === 1)) return false;
    }
    this.bits = bits;
    this.mask = (1 << bits) - 1;
    this.table.fill(0, 0, this.mask + 1);
    let code = 0;
    for (let length = 1; length <= bits; length++) {
      code = (code + (counts[length - 1] as number)) << 1;
      this.#next[length] = code;
    }
    for (let i = from; i < to; i++) {
      const length = lengths[i] as number;
      if (length === 0) continue;
      const value = this.#next[length] as number;
      this.#next[length] = value + 1;
      const step = 1 << length;
      for (let at = reverse(value, length); at <= this.mask; at += step) {
        this.table[at] = ((i - from) << 4) | length;
      }
    }
    return true;
  }
}

function reverse(value: number, bits: number): number {
  let reversed = 0;
  for (let i = 0; i < bits; i++) reversed |= ((value >> i) & 1) << (bits - 1 - i);
  return reversed;
}

/** Base and extra bits of the lengths of symbols 257 to 285 (RFC 1951 §3.2.5). */
export const lengthBase: Uint16Array = Uint16Array.from([
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
  163, 195, 227, 258,
]);
/** See {@link lengthBase}. */
export const lengthExtra: Uint8Array = Uint8Array.from([
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
]);
/** Base and extra bits of distances. */
export const distanceBase: Uint16Array = Uint16Array.from([
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049,
  3073, 4097, 6145, 8193, 12289, 16385, 24577,
]);
/** See {@link distanceBase}. */
export const distanceExtra: Uint8Array = Uint8Array.from([
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
]);
/** Order in which the lengths of the code length code come (RFC 1951 §3.2.7). */
export const codeLengthOrder: Uint8Array = Uint8Array.from([
  16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
]);
