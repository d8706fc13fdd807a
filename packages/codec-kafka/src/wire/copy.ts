/** A copy of `bytes[from, to)`. `slice` would not do: a host's subclass of `Uint8Array` may give a view. */
export function copyOf(bytes: Uint8Array, from = 0, to: number = bytes.length): Uint8Array {
  const copy = new Uint8Array(to - from);
  copy.set(bytes.subarray(from, to));
  return copy;
}
