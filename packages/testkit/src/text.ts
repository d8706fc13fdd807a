/** Bytes for people, and in pieces. */
import { textOf } from "@echarde/core";

export { latin1, textOf } from "@echarde/core";

/** Bytes for people: quoted where they are text, in hex where not, cut after `most` bytes. */
export function show(bytes: Uint8Array, most = 200): string {
  const shown = bytes.subarray(0, most);
  const rest = bytes.length > most ? ` … (${bytes.length} bytes)` : "";
  if (shown.every((byte) => (byte >= 32 && byte < 127) || byte === 10 || byte === 13)) {
    return JSON.stringify(textOf(shown)) + rest;
  }
  const hex = Array.from(shown, (byte) => byte.toString(16).padStart(2, "0"));
  return `hex ${hex.join(" ")}${rest}`;
}

/** Whether two byte strings are the same. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Cuts bytes at these sorted positions. */
export function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    if (cut > from) pieces.push(bytes.slice(from, cut));
    from = Math.max(from, cut);
  }
  return pieces;
}
