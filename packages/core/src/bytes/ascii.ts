/** Text protocols' integers and words, read and written as bytes. */

/**
 * The decimal integer at `bytes[from, to)`: an optional `-` and digits, no
 * `+`, no blanks. NaN for anything else and for values beyond ±(2^53 − 1).
 */
export function parseInteger(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  const negative = at < to && bytes[at] === MINUS;
  if (negative) at++;
  if (at === to) return Number.NaN;
  let value = 0;
  for (; at < to; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
    if (value > Number.MAX_SAFE_INTEGER) return Number.NaN;
  }
  return negative && value !== 0 ? -value : value;
}

/** Writes a safe integer in decimal at `at`; returns the offset behind it. The target must have {@link integerLength} bytes left. */
export function writeInteger(value: number, target: Uint8Array, at: number): number {
  const end = at + integerLength(value);
  let rest = value;
  if (value < 0) {
    target[at] = MINUS;
    rest = -value;
  }
  let i = end;
  do {
    const quotient = Math.floor(rest / 10);
    target[--i] = ZERO + (rest - quotient * 10);
    rest = quotient;
  } while (rest > 0);
  return end;
}

/** Bytes of a safe integer in decimal. */
function integerLength(value: number): number {
  let length = value < 0 ? 2 : 1;
  for (let rest = Math.abs(value); rest >= 10; rest = Math.floor(rest / 10)) length++;
  return length;
}

/** A safe integer in decimal. */
export function formatInteger(value: number): Uint8Array {
  const bytes = new Uint8Array(integerLength(value));
  writeInteger(value, bytes, 0);
  return bytes;
}

/** The bytes of a text of code points below 256; meant for constants. */
export function ascii(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Whether `bytes[from, to)` is `word` in any case. `word` must be in lower case. */
export function equalsWord(bytes: Uint8Array, from: number, to: number, word: Uint8Array): boolean {
  if (to - from !== word.length) return false;
  for (let i = 0; i < word.length; i++) {
    const byte = bytes[from + i] as number;
    if ((byte >= UPPER_A && byte <= UPPER_Z ? byte | 0x20 : byte) !== word[i]) return false;
  }
  return true;
}

const MINUS = 0x2d;
const ZERO = 0x30;
const UPPER_A = 0x41;
const UPPER_Z = 0x5a;
