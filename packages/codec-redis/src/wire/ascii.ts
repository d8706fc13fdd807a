/** Bytes that the Redis protocol gives a meaning, and text of one byte a character. */

/** `\r` */
export const CR = 13;
/** `\n` */
export const LF = 10;
/** `0` */
export const ZERO = 48;
/** `*` */
export const STAR = 42;
/** `$` */
export const DOLLAR = 36;

/**
 * Bytes of a text whose characters are all below U+0100: one byte each. Error
 * texts that quote a client are built this way, so that its bytes survive.
 */
export function latin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Text of `bytes[from, to)`, one character a byte. For names, labels and error texts, never for payload. */
export function latin1Text(bytes: Uint8Array, from: number, to: number): string {
  let text = "";
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i] as number);
  return text;
}

/** Digits of the largest and the smallest signed 64-bit integer. */
const MAX_DIGITS = latin1("9223372036854775807");
const MIN_DIGITS = latin1("9223372036854775808");

/**
 * The integer at `bytes[from, to)` in the one spelling that Redis takes: an
 * optional `-`, no `+`, no leading zero, no space, within signed 64 bits. NaN
 * for everything else. Beyond 2^53 the result is the nearest double.
 */
export function parseInteger(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  if (at >= to) return Number.NaN;
  const negative = bytes[at] === 45;
  if (negative) at++;
  const first = (bytes[at] as number) - ZERO;
  if (at >= to || !(first >= 0 && first <= 9)) return Number.NaN;
  if (first === 0) return to - from === 1 ? 0 : Number.NaN;
  if (to - at > 19) return Number.NaN;
  const limit = negative ? MIN_DIGITS : MAX_DIGITS;
  let bounded = to - at < 19;
  let value = 0;
  for (let i = 0; at < to; at++, i++) {
    const digit = (bytes[at] as number) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    if (!bounded) {
      const most = (limit[i] as number) - ZERO;
      if (digit > most) return Number.NaN;
      bounded = digit < most;
    }
    value = value * 10 + digit;
  }
  if (to - from > 15) return Number(latin1Text(bytes, from, to));
  return negative ? -value : value;
}

/** Whether `bytes[from, to)` is `word` (lower-case ASCII) in any case. */
export function equalsFolded(
  bytes: Uint8Array,
  from: number,
  to: number,
  word: Uint8Array,
): boolean {
  if (to - from !== word.length) return false;
  for (let i = 0; i < word.length; i++) {
    let byte = bytes[from + i] as number;
    if (byte >= 65 && byte <= 90) byte |= 32;
    if (byte !== word[i]) return false;
  }
  return true;
}
