/**
 * UTF-8 without the platform's text codecs, which are not there in every
 * engine that runs core. Follows the WHATWG Encoding standard.
 */

/** The text in UTF-8. A surrogate without its partner becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const point = codePoint(text, i);
    if (point > 0xffff) i++;
    if (point < 0x80) {
      bytes[at++] = point;
      continue;
    }
    if (point < 0x800) bytes[at++] = 0xc0 | (point >> 6);
    else {
      if (point < 0x10000) bytes[at++] = 0xe0 | (point >> 12);
      else {
        bytes[at++] = 0xf0 | (point >> 18);
        bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
      }
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
    }
    bytes[at++] = 0x80 | (point & 0x3f);
  }
  return bytes;
}

/** Bytes that {@link encodeUtf8} gives. */
export function utf8Length(text: string): number {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const point = codePoint(text, i);
    if (point > 0xffff) i++;
    length += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return length;
}

/**
 * The text of `bytes[from, to)`. Each maximal ill-formed part becomes one
 * U+FFFD; a byte order mark is kept.
 */
export function decodeUtf8(bytes: Uint8Array, from = 0, to: number = bytes.length): string {
  let text = "";
  let at = from;
  while (at < to) {
    const first = bytes[at++] as number;
    if (first < 0x80) {
      text += String.fromCharCode(first);
      continue;
    }
    const more = first < 0xc2 || first > 0xf4 ? -1 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    let point = more < 0 ? 0xfffd : first & (0x3f >> more);
    for (let left = more; left > 0; left--) {
      const next = at < to ? (bytes[at] as number) : 0;
      // The second byte has narrower bounds: no overlong forms, no surrogates, nothing above U+10FFFF.
      const low = left < more ? 0x80 : first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
      const high = left < more ? 0xbf : first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
      if (next < low || next > high) {
        point = 0xfffd;
        break;
      }
      point = (point << 6) | (next & 0x3f);
      at++;
    }
    text += String.fromCodePoint(point);
  }
  return text;
}

/** Whether `bytes[from, to)` is well-formed UTF-8. */
export function isUtf8(bytes: Uint8Array, from = 0, to: number = bytes.length): boolean {
  const text = decodeUtf8(bytes, from, to);
  if (utf8Length(text) !== to - from) return false;
  const again = encodeUtf8(text);
  for (let i = 0; i < again.length; i++) if (again[i] !== bytes[from + i]) return false;
  return true;
}

function codePoint(text: string, at: number): number {
  const point = text.codePointAt(at) as number;
  return point >= 0xd800 && point < 0xe000 ? 0xfffd : point;
}
