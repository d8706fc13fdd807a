/** Fowler–Noll–Vo hashes (draft-eastlake-fnv). */

/** FNV-1a, 32 bits, of `bytes[from, to)`, unsigned. */
export function fnv1a32(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return hash >>> 0;
}

/** FNV-1a, 64 bits, of `bytes[from, to)` as 16 hexadecimal digits. */
export function fnv1a64Hex(bytes: Uint8Array, from: number, to: number): string {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (let i = from; i < to; i++) {
    low = (low ^ (bytes[i] as number)) >>> 0;
    // The prime is 2^40 + 0x1b3: the low product stays below 2^41, exact in a double.
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 0x100000000) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return high.toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0");
}
