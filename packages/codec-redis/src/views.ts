/** A view of `bytes[from, to)`, `bytes` itself when that is all of it. */
export function view(bytes: Uint8Array, from: number, to: number): Uint8Array {
  return from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to);
}
