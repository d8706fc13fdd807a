/**
 * Query strings and urlencoded forms, read as Go's net/url reads them:
 *
 * ```
 * pairs = *( "&" / pair )
 * pair  = name [ "=" value ]
 * ```
 * Names and values are unescaped: `%XX` and `+`. A pair with a raw `;` or with
 * a bad escape is left out and reported; the others count. A name without `=`
 * has the empty value.
 */
import { equalsBytes, hexValue } from "./bytes.ts";

/** One pair of a query string. */
export interface QueryPair {
  /** Name, unescaped. A view of the input where it had no escapes. */
  readonly name: Uint8Array;
  /** Value, unescaped. A view of the input where it had no escapes. */
  readonly value: Uint8Array;
  /** Start of the pair in the input, escaped. */
  readonly from: number;
  /** Offset after the pair in the input. */
  readonly to: number;
}

/** What {@link parseQuery} found. */
export interface Query {
  /** The good pairs, in order. */
  readonly pairs: readonly QueryPair[];
  /** Why the first bad pair was left out, null when all are good. */
  readonly malformed: "semicolon" | "escape" | null;
}

/** Reads the query string or the form at `bytes[from, to)`. Its pairs are bounded by the input alone. */
export function parseQuery(bytes: Uint8Array, from: number, to: number): Query {
  const pairs: QueryPair[] = [];
  let malformed: Query["malformed"] = null;
  let at = from;
  while (at < to) {
    let end = at;
    let equals = -1;
    let semicolon = false;
    for (; end < to && bytes[end] !== AMPERSAND; end++) {
      if (bytes[end] === EQUALS && equals < 0) equals = end;
      else if (bytes[end] === SEMICOLON) semicolon = true;
    }
    if (semicolon) malformed ??= "semicolon";
    else if (end > at) {
      const name = unescaped(bytes, at, equals < 0 ? end : equals);
      const value = equals < 0 ? bytes.subarray(end, end) : unescaped(bytes, equals + 1, end);
      if (name === null || value === null) malformed ??= "escape";
      else pairs.push({ name, value, from: at, to: end });
    }
    at = end + 1;
  }
  return { pairs, malformed };
}

/** Value of the first pair with this name (exact, as bytes), null if there is none. */
export function firstValue(query: Query, name: Uint8Array): Uint8Array | null {
  for (const pair of query.pairs) {
    if (equalsBytes(pair.name, 0, pair.name.length, name)) return pair.value;
  }
  return null;
}

/** Escapes a name or a value for a query string or a form: letters, digits and `-_.~` stay, a space becomes `+`, all else `%XX`. New memory. */
export function escapeQuery(bytes: Uint8Array): Uint8Array {
  let length = 0;
  for (const byte of bytes) length += isPlain(byte) || byte === 0x20 ? 1 : 3;
  const escaped = new Uint8Array(length);
  let at = 0;
  for (const byte of bytes) {
    if (isPlain(byte)) escaped[at++] = byte;
    else if (byte === 0x20) escaped[at++] = PLUS;
    else {
      escaped[at++] = PERCENT;
      escaped[at++] = hexDigit(byte >> 4);
      escaped[at++] = hexDigit(byte & 15);
    }
  }
  return escaped;
}

/** Null for a bad escape. */
function unescaped(bytes: Uint8Array, from: number, to: number): Uint8Array | null {
  let length = 0;
  let changed = false;
  for (let i = from; i < to; i++, length++) {
    const byte = bytes[i];
    if (byte === PLUS) changed = true;
    else if (byte === PERCENT) {
      if (i + 2 >= to) return null;
      if (hexValue(bytes[i + 1] as number) < 0 || hexValue(bytes[i + 2] as number) < 0) return null;
      changed = true;
      i += 2;
    }
  }
  if (!changed) return bytes.subarray(from, to);
  const plain = new Uint8Array(length);
  let at = 0;
  for (let i = from; i < to; i++) {
    const byte = bytes[i] as number;
    if (byte === PERCENT) {
      plain[at++] = hexValue(bytes[i + 1] as number) * 16 + hexValue(bytes[i + 2] as number);
      i += 2;
    } else plain[at++] = byte === PLUS ? 0x20 : byte;
  }
  return plain;
}

function isPlain(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x2d ||
    byte === 0x2e ||
    byte === 0x5f ||
    byte === 0x7e
  );
}

const hexDigit = (value: number): number => value + (value < 10 ? 0x30 : 0x37);

const AMPERSAND = 0x26;
const EQUALS = 0x3d;
const SEMICOLON = 0x3b;
const PERCENT = 0x25;
const PLUS = 0x2b;
