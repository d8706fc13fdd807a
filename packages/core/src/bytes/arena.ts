/**
 * Memory for copies that live a short while: bytes that outlive the input
 * that brought them, side by side in a few blocks that are used again.
 * A copy of its own for each would cost more than its bytes: memory outside
 * the heap is cleared, tracked and collected one by one.
 *
 * ```
 *   free ──copy──▶ filling ──full──▶ in use ──all its copies released──▶ spent ──next turn──▶ free
 * ```
 * Copies that were released stay as they are until the turn ends, since
 * effects may still show views of them. A copy that stays keeps its whole
 * block, so the bytes of all blocks have a bound: beyond it there is no copy,
 * and the caller makes one of its own. The first block is small, each further
 * one twice as large: a router of one client needs little.
 */
export class Arena {
  /** Where the last copy begins in its block. */
  from = 0;
  readonly #largest: number;
  /** Of the next block. */
  #size: number;
  /** Bytes that blocks may still be made of. */
  #unmade: number;
  #filling: Block | null = null;
  #at = 0;
  readonly #free: Block[] = [];
  readonly #spent: Block[] = [];

  /** Blocks of `smallest` to `largest` bytes, `bound` bytes in all; made when they are needed. */
  constructor(bound: number = 4 << 20, smallest: number = 4 << 10, largest: number = 32 << 10) {
    this.#unmade = bound;
    this.#size = smallest;
    this.#largest = largest;
  }

  /** Copies `bytes[from, to)`. Returns the block that holds it, at `this.from`; null when there is no room, or it is large. */
  copy(bytes: Uint8Array, from: number, to: number): Block | null {
    const length = to - from;
    let block = this.#filling;
    if (block === null || this.#at + length > block.bytes.length) {
      if (length > this.#largest >> 1) return null; // worth memory of its own
      block = this.#next(length);
      if (block === null) return null;
    }
    block.bytes.set(length === bytes.length ? bytes : bytes.subarray(from, to), this.#at);
    block.copies += 1;
    this.from = this.#at;
    this.#at += length;
    return block;
  }

  /** A copy in `block` is needed no more. Once for each copy. */
  release(block: Block): void {
    block.copies -= 1;
    if (block.copies === 0 && block !== this.#filling) this.#spent.push(block);
  }

  /** Views of what was released are void from now on. */
  turn(): void {
    for (let block = this.#spent.pop(); block !== undefined; block = this.#spent.pop()) {
      this.#free.push(block);
    }
  }

  /** Whether `turn` has something to do. */
  get spent(): boolean {
    return this.#spent.length > 0;
  }

  /** Another block to fill, with room for `length` bytes at least. */
  #next(length: number): Block | null {
    const full = this.#filling;
    let next = this.#free.pop() ?? null;
    while (next !== null && next.bytes.length < length) {
      this.#unmade += next.bytes.length; // outgrown
      next = this.#free.pop() ?? null;
    }
    if (full !== null && full.copies === 0) {
      this.#spent.push(full);
      this.#filling = null;
    }
    if (next === null) {
      while (this.#size < length) this.#size *= 2;
      if (this.#unmade < this.#size) return null;
      this.#unmade -= this.#size;
      next = { bytes: new Uint8Array(this.#size), copies: 0 };
      this.#size = Math.min(this.#largest, this.#size * 2);
    }
    this.#filling = next;
    this.#at = 0;
    return next;
  }
}

/** Part of an {@link Arena}. */
export interface Block {
  /** All of it. */
  readonly bytes: Uint8Array;
  /** Copies in it that are still needed. */
  copies: number;
}
