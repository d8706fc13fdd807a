/**
 * Line protocol, exactly as the server reads it. The server runs two scanners
 * that count escapes differently; both are followed here.
 *
 * ```
 * batch = *(line LF)                          LF inside a quoted field value is data
 * line  = *blank (comment / key 1*SP fields [1*SP time] *SP)
 * key   = measurement *("," tag "=" value)    a byte is escaped when the one before it is "\"
 * ```
 * Lines as most clients write them are read in one pass, see {@link readPlain}.
 * The lexer holds offsets into the array that it was given, and nothing else.
 */
import { latin1Text } from "../text.ts";
import { FieldScan, integerError } from "./field-scan.ts";
import { readPlain } from "./plain-line.ts";

/** See the module. One lexer reads one batch after the other. */
export class LineLexer {
  /** Start of the current line, behind leading blanks. */
  lineFrom = 0;
  /** Offset after the current line, without its LF. */
  lineTo = 0;
  /** Offset after the measurement. */
  measurementTo = 0;
  /** Offset after the tags. */
  keyTo = 0;
  /** Start of the fields. */
  fieldsFrom = 0;
  /** Offset after the fields. */
  fieldsTo = 0;
  /** Start of the timestamp; equal to `timeTo` when the line has none. */
  timeFrom = 0;
  /** Offset after the timestamp. */
  timeTo = 0;
  /** Number of tags. */
  tags = 0;
  /** Why the server refuses the line, in its words; null = it does not. */
  error: string | null = null;
  /** Start of each tag. */
  readonly tagFrom: number[] = [];
  /** Offset of each tag's `=`. */
  readonly tagEquals: number[] = [];
  /** Number of fields, -1 when the line is not plain: then only {@link walkFields} tells. */
  fields = -1;
  /** Start of each field of a plain line. */
  readonly fieldFrom: number[] = [];
  /** Offset of each field's `=` in a plain line. */
  readonly fieldEquals: number[] = [];
  readonly #scan = new FieldScan();
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  #unit = 1n;
  /** Digits of the largest time in this unit, and the first of them. */
  #bounds = { digits: 0, leading: 0 };

  /** Begins the batch at `bytes[from, to)`; `unit` = nanoseconds of one unit of its timestamps. */
  begin(bytes: Uint8Array, from: number, to: number, unit: bigint): void {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = to;
    this.#unit = unit;
    const most = String(MAX_TIME / unit);
    this.#bounds = { digits: most.length, leading: most.charCodeAt(0) };
  }

  /** Goes to the next line that is neither empty nor a comment; false at the end of the batch. */
  next(): boolean {
    const bytes = this.#bytes;
    while (this.#at < this.#end) {
      const from = this.#at;
      const plainTo = readPlain(bytes, from, this.#end, this, this.#bounds);
      if (plainTo >= 0 && !(this.tags > 1 && this.#duplicates(bytes))) {
        this.#at = plainTo + 1;
        this.lineFrom = from;
        this.lineTo = plainTo;
        this.error = null;
        return true;
      }
      const to = cutLine(bytes, from, this.#end);
      this.#at = to + 1;
      const start = skipBlanks(bytes, from, to);
      if (start >= to || bytes[start] === HASH) continue;
      this.lineFrom = start;
      this.lineTo = to;
      this.tags = 0;
      this.fields = -1;
      this.error = this.#line(bytes, start, to);
      return true;
    }
    return false;
  }

  /** Offset after the value of tag `i`. */
  tagTo(i: number): number {
    return i + 1 < this.tags ? (this.tagFrom[i + 1] as number) - 1 : this.keyTo;
  }

  #line(bytes: Uint8Array, from: number, to: number): string | null {
    const wrong = this.#key(bytes, from, to);
    if (wrong !== null) return wrong;
    if (this.keyTo - from > MAX_KEY) {
      return `max key length exceeded: ${this.keyTo - from} > ${MAX_KEY}`;
    }
    const scan = this.#scan;
    this.fieldsFrom = skipBlanks(bytes, this.keyTo, to);
    scan.fields(bytes, this.fieldsFrom, to);
    if (scan.error !== null) return scan.error;
    this.fieldsTo = scan.at;
    if (this.fieldsTo === this.fieldsFrom) return "missing fields";
    if (this.keyTo - from + (this.fieldsTo - this.fieldsFrom) > MAX_KEY - 4) {
      const long = this.#longField(bytes);
      if (long !== null) return long;
    }
    this.timeFrom = skipBlanks(bytes, this.fieldsTo, to);
    scan.time(bytes, this.timeFrom, to);
    if (scan.error !== null) return scan.error;
    this.timeTo = scan.at;
    if (this.timeTo > this.timeFrom) {
      const late = this.#time(bytes);
      if (late !== null) return late;
    }
    for (let i = this.timeTo; i < to; i++) if (bytes[i] !== SPACE) return "point is invalid";
    return null;
  }

  #time(bytes: Uint8Array): string | null {
    // Fewer digits than the largest time has, or as many with a smaller first one, are in range.
    const from = bytes[this.timeFrom] === MINUS ? this.timeFrom + 1 : this.timeFrom;
    const { digits, leading } = this.#bounds;
    const count = this.timeTo - from;
    if (count > 0 && count < digits) return null;
    if (count === digits && (bytes[from] as number) < leading) return null;
    const text = latin1Text(bytes, this.timeFrom, this.timeTo);
    const wrong = integerError(text);
    if (wrong !== null) return wrong;
    const ns = BigInt(text) * this.#unit;
    if (ns <= MAX_TIME && ns >= -MAX_TIME) return null;
    return `time outside range -${MAX_TIME} - ${MAX_TIME}`;
  }

  /** Measurement and tags; sets where they are. */
  #key(bytes: Uint8Array, from: number, to: number): string | null {
    let i = from;
    if (bytes[i] === COMMA) return "missing measurement";
    for (i++; ; i++) {
      if (i >= to) return "missing fields";
      const byte = bytes[i];
      if ((byte === COMMA || byte === SPACE) && bytes[i - 1] !== BACKSLASH) break;
    }
    this.measurementTo = i;
    while (bytes[i] === COMMA) {
      i++;
      this.tagFrom[this.tags] = i;
      if (i >= to || bytes[i] === SPACE || bytes[i] === COMMA || bytes[i] === EQUALS) {
        return "missing tag key";
      }
      for (i++; ; i++) {
        if (i >= to) return "missing tag value";
        const byte = bytes[i];
        if (byte !== EQUALS && byte !== SPACE && byte !== COMMA) continue;
        if (bytes[i - 1] === BACKSLASH) continue;
        if (byte !== EQUALS) return "missing tag value";
        break;
      }
      this.tagEquals[this.tags++] = i;
      i++;
      if (i >= to || bytes[i] === COMMA || bytes[i] === SPACE) return "missing tag value";
      for (i++; ; i++) {
        if (i >= to) return "missing fields";
        const byte = bytes[i];
        if (byte !== EQUALS && byte !== SPACE && byte !== COMMA) continue;
        if (bytes[i - 1] === BACKSLASH) continue;
        if (byte === EQUALS) return "invalid tag format";
        break;
      }
    }
    this.keyTo = i;
    return this.tags > 1 && this.#duplicates(bytes) ? "duplicate tags" : null;
  }

  #duplicates(bytes: Uint8Array): boolean {
    // Sorted tags, as clients are told to send them, need one comparison a pair.
    let sorted = true;
    for (let i = 1; i < this.tags && sorted; i++) {
      const order = this.compareTags(bytes, i - 1, i);
      if (order === 0) return true;
      if (order > 0) sorted = false;
    }
    if (sorted) return false;
    const names = new Set<string>();
    for (let i = 0; i < this.tags; i++) {
      names.add(latin1Text(bytes, this.tagFrom[i] as number, this.tagEquals[i] as number));
    }
    return names.size < this.tags;
  }

  /** Orders two tags of the current line by the bytes of their keys. */
  compareTags(bytes: Uint8Array, a: number, b: number): number {
    let i = this.tagFrom[a] as number;
    let j = this.tagFrom[b] as number;
    const iTo = this.tagEquals[a] as number;
    const jTo = this.tagEquals[b] as number;
    for (; i < iTo && j < jTo; i++, j++) {
      const difference = (bytes[i] as number) - (bytes[j] as number);
      if (difference !== 0) return difference;
    }
    return iTo - i - (jTo - j);
  }

  #longField(bytes: Uint8Array): string | null {
    let wrong: string | null = null;
    const key = this.keyTo - this.lineFrom;
    walkFields(bytes, this.fieldsFrom, this.fieldsTo, (from, to) => {
      const size = key + 4 + (to - from);
      if (size > MAX_KEY) wrong = `max key length exceeded: ${size} > ${MAX_KEY}`;
      return wrong === null;
    });
    return wrong;
  }
}

/** Calls `each` with the offsets of every field's key in the fields at `bytes[from, to)`, until it says false. */
export function walkFields(
  bytes: Uint8Array,
  from: number,
  to: number,
  each: (from: number, to: number) => boolean,
): void {
  let i = from;
  while (i < to) {
    const start = i;
    while (i < to && !(bytes[i] === EQUALS && (i === start || bytes[i - 1] !== BACKSLASH))) i++;
    if (!each(start, i)) return;
    let quoted = false;
    for (i++; i < to; i++) {
      const byte = bytes[i];
      const next = bytes[i + 1];
      if (byte === BACKSLASH && i + 1 < to && (next === QUOTE || next === BACKSLASH)) i++;
      else if (byte === QUOTE) quoted = !quoted;
      else if (byte === COMMA && !quoted) break;
    }
    i++;
  }
}

/** Offset of the LF that ends the line at `from`, `to` when there is none. */
function cutLine(bytes: Uint8Array, from: number, to: number): number {
  let quoted = false;
  let inFields = false;
  let equals = 0;
  let commas = 0;
  for (let i = from; i < to; i++) {
    const byte = bytes[i] as number;
    if (byte > EQUALS && byte !== BACKSLASH) continue;
    switch (byte) {
      case BACKSLASH:
        if (i + 2 < to) i++;
        break;
      case LF:
        if (!quoted) return i;
        break;
      case SPACE:
        inFields = true;
        break;
      case EQUALS:
        if (inFields && !quoted) equals++;
        break;
      case COMMA:
        if (inFields && !quoted) commas++;
        break;
      case QUOTE:
        if (inFields && equals > commas) quoted = !quoted;
        break;
      default:
    }
  }
  return to;
}

function skipBlanks(bytes: Uint8Array, from: number, to: number): number {
  let i = from;
  while (i < to && (bytes[i] === SPACE || bytes[i] === 9 || bytes[i] === 0)) i++;
  return i;
}

const MAX_KEY = 65_535;
const MAX_TIME = 9_223_372_036_854_775_806n;

const LF = 10;
const SPACE = 0x20;
const QUOTE = 0x22;
const HASH = 0x23;
const COMMA = 0x2c;
const MINUS = 0x2d;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
