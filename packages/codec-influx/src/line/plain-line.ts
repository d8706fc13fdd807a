/**
 * One pass over a line as clients mostly write it: no backslash, single
 * spaces, numbers and simple strings, digits for a time. Whatever else a line
 * holds, wrong or not, is left to the scanners of {@link LineLexer}; a line
 * that is read here is read the same way there.
 *
 * ```
 * line  = measurement *("," tag "=" value) SP field *("," field) [SP ["-"] digits] (LF / end)
 * field = key "=" (["-"] digits ["." digits / "i"] / DQUOTE *char DQUOTE)
 * ```
 */
import type { LineLexer } from "./line-lexer.ts";

/** What a plain line may be. */
export interface PlainBounds {
  /** A time with fewer digits is in range; one with as many is when its first is below `leading`. */
  readonly digits: number;
  /** See `digits`. */
  readonly leading: number;
}

/** Reads the line at `bytes[from]` into the lexer's offsets. Returns the offset of its LF (`end` when there is none), -1 when the line is not plain. */
export function readPlain(
  bytes: Uint8Array,
  from: number,
  end: number,
  line: LineLexer,
  bounds: PlainBounds,
): number {
  const { tagFrom, tagEquals, fieldFrom, fieldEquals } = line;
  let i = from;
  let byte = i < end ? (bytes[i] as number) : LF;
  if (byte === HASH || byte === COMMA) return -1;
  while (byte > EQUALS ? byte !== BACKSLASH : byte > SPACE && byte !== COMMA) {
    if (++i >= end) return -1;
    byte = bytes[i] as number;
  }
  if (i === from) return -1;
  line.measurementTo = i;
  let tags = 0;
  while (byte === COMMA) {
    const start = i + 1;
    for (i = start; ; i++) {
      if (i >= end) return -1;
      byte = bytes[i] as number;
      if (byte > EQUALS ? byte === BACKSLASH : byte <= SPACE || byte === COMMA) return -1;
      if (byte === EQUALS) break;
    }
    if (i === start) return -1;
    tagFrom[tags] = start;
    tagEquals[tags++] = i;
    const value = i + 1;
    for (i = value; ; i++) {
      if (i >= end) return -1;
      byte = bytes[i] as number;
      if (byte > EQUALS) {
        if (byte === BACKSLASH) return -1;
      } else if (byte <= SPACE || byte === COMMA) break;
      else if (byte === EQUALS) return -1;
    }
    if (i === value) return -1;
  }
  if (byte !== SPACE) return -1;
  line.tags = tags;
  line.keyTo = i;
  line.fieldsFrom = i + 1;
  let fields = 0;
  do {
    const start = i + 1;
    for (i = start; ; i++) {
      if (i >= end) return -1;
      byte = bytes[i] as number;
      if (byte > EQUALS) {
        if (byte === BACKSLASH) return -1;
      } else if (byte === EQUALS) break;
      else if (byte <= SPACE || byte === COMMA || byte === QUOTE) return -1;
    }
    if (i === start) return -1;
    fieldFrom[fields] = start;
    fieldEquals[fields++] = i;
    i = valueTo(bytes, i + 1, end);
    if (i < 0) return -1;
    byte = i < end ? (bytes[i] as number) : LF;
  } while (byte === COMMA);
  line.fields = fields;
  line.fieldsTo = i;
  line.timeFrom = i;
  if (byte === SPACE) {
    i = timeTo(bytes, i + 1, end, bounds);
    if (i < 0) return -1;
    line.timeFrom = line.fieldsTo + 1;
  } else if (byte !== LF) return -1;
  line.timeTo = i;
  return i - from > MAX_PLAIN ? -1 : i;
}

/** Offset after a number or a string without LF, -1 for any other value. */
function valueTo(bytes: Uint8Array, from: number, end: number): number {
  let i = from;
  if (i >= end) return -1;
  if (bytes[i] === QUOTE) {
    for (i++; i < end; i++) {
      const byte = bytes[i];
      if (byte === BACKSLASH || byte === LF) return -1;
      if (byte === QUOTE) return i + 1 === end || isEnd(bytes[i + 1] as number) ? i + 1 : -1;
    }
    return -1;
  }
  if (bytes[i] === MINUS) i++;
  const digits = i;
  while (i < end && isDigit(bytes[i] as number)) i++;
  if (i === digits) return -1;
  if (i < end && bytes[i] === DOT) {
    for (i++; i < end && isDigit(bytes[i] as number); ) i++;
  } else if (i < end && bytes[i] === LETTER_I) i++;
  // With fewer characters than the least number that overflows.
  if (i - from > MAX_NUMBER) return -1;
  return i === end || isEnd(bytes[i] as number) ? i : -1;
}

/** Offset after a time that is in range, at the end of the line; -1 for any other. */
function timeTo(
  bytes: Uint8Array,
  from: number,
  end: number,
  { digits, leading }: PlainBounds,
): number {
  const first = from < end && bytes[from] === MINUS ? from + 1 : from;
  let i = first;
  while (i < end && isDigit(bytes[i] as number)) i++;
  const count = i - first;
  if (count === 0 || count > digits) return -1;
  if (count === digits && (bytes[first] as number) >= leading) return -1;
  return i === end || bytes[i] === LF ? i : -1;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isEnd(byte: number): boolean {
  return byte === COMMA || byte === SPACE || byte === LF;
}

/** Below every limit of the length of keys. */
const MAX_PLAIN = 60_000;
const MAX_NUMBER = 18;

const LF = 10;
const SPACE = 0x20;
const QUOTE = 0x22;
const HASH = 0x23;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
const LETTER_I = 0x69;
