/**
 * Inline requests: words of a text line, as typed into telnet. The words are
 * unquoted into a scratch buffer, since they need not stand in the line.
 *
 * ```
 * line    = *space *(word 1*space)          space = SP HT LF VT FF CR
 * word    = 1*(plain / "..." / '...')       plain ends at SP HT LF CR only
 * "..."   : \xHH, \n \r \t \b \a, \c = c    '...' : \' alone
 * ```
 * A closing quote stands before a space or the end of the line.
 */

/** Where the words of a line go. Offsets are into `scratch`. All three grow by replacement. */
export interface Words {
  /** Bytes of the words. At least as long as the line before the call. */
  scratch: Uint8Array;
  /** Offset of the first byte of each word. */
  argStart: Int32Array;
  /** Offset after each word. */
  argEnd: Int32Array;
}

/** Doubles the room for argument offsets. */
export function growArguments(words: { argStart: Int32Array; argEnd: Int32Array }): void {
  const start = new Int32Array(words.argStart.length * 2);
  start.set(words.argStart);
  words.argStart = start;
  const end = new Int32Array(words.argEnd.length * 2);
  end.set(words.argEnd);
  words.argEnd = end;
}

/** Splits the line at `bytes[from, to)` (without its line end) into words. Returns their number, -1 for unbalanced quotes. */
export function splitInline(bytes: Uint8Array, from: number, to: number, words: Words): number {
  const out = words.scratch;
  let at = from;
  let put = 0;
  let count = 0;
  for (;;) {
    while (at < to && isSpace(bytes[at] as number)) at++;
    if (at >= to) return count;
    if (count === words.argStart.length) growArguments(words);
    words.argStart[count] = put;
    while (at < to) {
      const byte = bytes[at++] as number;
      if (byte === 32 || byte === 9 || byte === 10 || byte === 13) break;
      if (byte !== DOUBLE && byte !== SINGLE) {
        out[put++] = byte;
        continue;
      }
      // A quote opens, perhaps in the middle of a word; when it closes, the word is over.
      for (;;) {
        if (at >= to) return -1;
        let inside = bytes[at++] as number;
        if (inside === byte) break;
        if (inside === BACKSLASH && at < to) {
          if (byte === SINGLE) {
            if (bytes[at] === SINGLE) inside = bytes[at++] as number;
          } else {
            const high = at + 2 < to && bytes[at] === 120 ? hex(bytes[at + 1] as number) : -1;
            const low = high < 0 ? -1 : hex(bytes[at + 2] as number);
            if (low >= 0) {
              inside = high * 16 + low;
              at += 3;
            } else inside = escaped(bytes[at++] as number);
          }
        }
        out[put++] = inside;
      }
      if (at < to && !isSpace(bytes[at] as number)) return -1;
      break;
    }
    words.argEnd[count++] = put;
  }
}

const DOUBLE = 34;
const SINGLE = 39;
const BACKSLASH = 92;

function isSpace(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}

function hex(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const folded = byte | 32;
  return folded >= 97 && folded <= 102 ? folded - 87 : -1;
}

function escaped(byte: number): number {
  switch (byte) {
    case 110:
      return 10;
    case 114:
      return 13;
    case 116:
      return 9;
    case 98:
      return 8;
    case 97:
      return 7;
    default:
      return byte;
  }
}
