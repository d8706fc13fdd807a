/** Equality and order of byte strings. */

/** Whether both hold the same bytes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && equalAt(a, 0, a.length, b, 0);
}

/** Whether `a[from, to)` equals the bytes of `b` from `at` on. `b` must be long enough. */
export function equalAt(
  a: Uint8Array,
  from: number,
  to: number,
  b: Uint8Array,
  at: number,
): boolean {
  for (let i = from, j = at; i < to; i++, j++) if (a[i] !== b[j]) return false;
  return true;
}

/** Bytewise order, a prefix before what it begins: negative, 0 or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Whether `bytes` begins with all of `prefix`. */
export function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.length <= bytes.length && equalAt(prefix, 0, prefix.length, bytes, 0);
}
