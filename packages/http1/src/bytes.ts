/** Bytes of the protocol's text, and the classes of RFC 9110 §5.6. */

/** Bytes of a text whose characters are all below U+0100, one byte each. For constants and texts made from client bytes. */
export function latin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Text of `bytes[from, to)`, one character a byte. For names and short values, never for bodies. */
export function latin1Text(bytes: Uint8Array, from: number, to: number): string {
  let text = "";
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i] as number);
  return text;
}

/** Whether `bytes[from, to)` is `word` in any case. `word` must be in lower case. */
export function equalsWord(bytes: Uint8Array, from: number, to: number, word: Uint8Array): boolean {
  if (to - from !== word.length) return false;
  for (let i = 0; i < word.length; i++) {
    const byte = bytes[from + i] as number;
    if ((byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte) !== word[i]) return false;
  }
  return true;
}

/** Whether `bytes[from, to)` is exactly `word`. */
export function equalsBytes(
  bytes: Uint8Array,
  from: number,
  to: number,
  word: Uint8Array,
): boolean {
  if (to - from !== word.length) return false;
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word[i]) return false;
  return true;
}

/** Value of a hexadecimal digit, -1 for any other byte. */
export function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** Byte of a token: method, header name, transfer coding (RFC 9110 §5.6.2). */
export const TOKEN = 1;
/** Byte of a header value: visible, space or tab, without those from 0x80 up. */
export const TEXT = 2;
/** Byte of a header value from 0x80 up (`obs-text`). */
export const HIGH = 4;
/** Byte of a request target. Bytes from 0x80 up are in use by clients that do not escape. */
export const TARGET = 8;
/** Byte of an authority (`host[:port]`, RFC 3986 §3.2). */
export const AUTHORITY = 16;

/** Classes of each byte: a sum of the constants above. */
export const classes: Uint8Array = makeClasses();

function makeClasses(): Uint8Array {
  const all = new Uint8Array(256);
  const add = (letters: string, mask: number): void => {
    for (let i = 0; i < letters.length; i++) {
      all[letters.charCodeAt(i)] = (all[letters.charCodeAt(i)] as number) | mask;
    }
  };
  const alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  add(`${alphanumeric}!#$%&'*+-.^_\`|~`, TOKEN);
  add(`${alphanumeric}-._~!$&'()*+,;=:[]%`, AUTHORITY);
  all[9] = TEXT;
  all[0x20] = TEXT;
  for (let byte = 0x21; byte < 0x7f; byte++) {
    all[byte] = (all[byte] as number) | TEXT | (byte === 0x23 ? 0 : TARGET);
  }
  for (let byte = 0x80; byte < 0x100; byte++) all[byte] = HIGH | TARGET;
  return all;
}

/** Whether all of `bytes[from, to)` are of a class in `mask`. */
export function allOf(bytes: Uint8Array, from: number, to: number, mask: number): boolean {
  for (let i = from; i < to; i++) {
    if (((classes[bytes[i] as number] as number) & mask) === 0) return false;
  }
  return true;
}
