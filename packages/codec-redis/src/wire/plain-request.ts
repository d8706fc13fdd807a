import { CR, DOLLAR, LF, ZERO } from "./ascii.ts";

/** Digits of a length that are read here: lengths below 100 MB. */
const MAX_DIGITS = 8;

/**
 * Reads a request as nearly all are: here as a whole, with fewer than a
 * hundred arguments, for which `argStart` has room, none above `longest`
 * bytes, RESP to the letter. Sets the offsets of the arguments and returns
 * their number; 0 for any other request, which then takes the careful way.
 * `bytes[from]` is a `*`.
 */
export function readPlain(
  bytes: Uint8Array,
  from: number,
  longest: number,
  argStart: Int32Array,
  argEnd: Int32Array,
): number {
  const size = bytes.length;
  let argc = (bytes[from + 1] as number) - ZERO;
  if (!(argc > 0 && argc <= 9)) return 0;
  let at = from + 2;
  const second = (bytes[at] as number) - ZERO;
  if (second >= 0 && second <= 9) {
    argc = 10 * argc + second;
    at++;
  }
  if (bytes[at] !== CR || bytes[at + 1] !== LF || argc > argStart.length) return 0;
  at += 2;
  for (let count = 0; count < argc; count++) {
    if (at + 3 > size || bytes[at] !== DOLLAR) return 0;
    let length = (bytes[at + 1] as number) - ZERO;
    if (!(length >= 0 && length <= 9)) return 0;
    // no digit follows a leading zero
    const stop = Math.min(size, at + 1 + (length === 0 ? 1 : MAX_DIGITS));
    for (at += 2; at < stop; at++) {
      const digit = (bytes[at] as number) - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      length = length * 10 + digit;
    }
    const end = at + 2 + length;
    if (end + 2 > size || length > longest) return 0;
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return 0;
    if (bytes[end] !== CR || bytes[end + 1] !== LF) return 0;
    argStart[count] = at + 2;
    argEnd[count] = end;
    at = end + 2;
  }
  return argc;
}
