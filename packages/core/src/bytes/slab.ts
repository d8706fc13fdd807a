/**
 * Memory for small results, cut from blocks. A typed array of its own above
 * 64 bytes lives outside the heap: it is cleared, tracked and freed one by
 * one, which costs more than filling it. A block is used once and never
 * again, so what was cut from it stays as it is; it is collected when the
 * last piece of it is.
 */
const BLOCK = 8 << 10;
/** Larger ones are worth memory of their own. A piece that is kept keeps its block, so this is for results that leave soon. */
const LARGEST = BLOCK >> 3;

let block = new Uint8Array(0);
let at = 0;

/** `length` zero bytes that nobody else has. */
export function allocate(length: number): Uint8Array {
  if (length > LARGEST) return new Uint8Array(length);
  if (at + length > block.length) {
    block = new Uint8Array(BLOCK);
    at = 0;
  }
  const from = at;
  at += length;
  return block.subarray(from, at);
}
