/** What MQTT asks of its strings: well-formed UTF-8 without U+0000. Looks at bytes, makes no text. */

/** Nothing wrong. */
export const TEXT = 0;
/** Well-formed, but holds `+` or `#`. */
export const WILDCARD = 1;
/** Not well-formed UTF-8, surrogates included. */
export const ILL_FORMED = 2;
/** Holds U+0000. */
export const NULL_CHARACTER = 3;

/** What {@link inspectText} found. */
export type TextKind = typeof TEXT | typeof WILDCARD | typeof ILL_FORMED | typeof NULL_CHARACTER;

/** Looks at `bytes[from, to)`; the first fault counts, and a fault before a wildcard. */
export function inspectText(bytes: Uint8Array, from: number, to: number): TextKind {
  let wildcard: TextKind = TEXT;
  let at = from;
  while (at < to) {
    const byte = bytes[at] as number;
    if (byte < 0x80) {
      if (byte === 0) return NULL_CHARACTER;
      if (byte === 0x2b || byte === 0x23) wildcard = WILDCARD;
      at++;
      continue;
    }
    at = pastSequence(bytes, at, to);
    if (at < 0) return ILL_FORMED;
  }
  return wildcard;
}

/**
 * Offset after the sequence of two to four bytes at `at`, -1 when it is
 * ill-formed (RFC 3629: no overlong form, no surrogate, nothing above
 * U+10FFFF).
 */
function pastSequence(bytes: Uint8Array, at: number, to: number): number {
  const first = bytes[at] as number;
  if (first < 0xc2 || first > 0xf4) return -1;
  const end = at + (first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4);
  if (end > to) return -1;
  const second = bytes[at + 1] as number;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return -1;
  for (let i = at + 2; i < end; i++) if (((bytes[i] as number) & 0xc0) !== 0x80) return -1;
  return end;
}
