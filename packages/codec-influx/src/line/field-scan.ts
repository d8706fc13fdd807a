/**
 * The field set and the timestamp of one line, as the server scans them
 * (influxdata/influxdb models/points.go). Backslashes are counted in pairs
 * here, other than in the key.
 *
 * ```
 * fields = field *("," field)       field = key "=" value
 * value  = number ["i"] / string / boolean
 * ```
 */
import { latin1Text } from "../text.ts";

/** Where a scan stopped and what it found wrong; one for each lexer, so that the hot path allocates nothing. */
export class FieldScan {
  /** Offset after what was scanned. */
  at = 0;
  /** In the server's words, null when all is well. */
  error: string | null = null;

  /** Scans the fields of the line that ends at `to`; `from` is behind the blanks before them. */
  fields(bytes: Uint8Array, from: number, to: number): void {
    let i = from;
    let quoted = false;
    let equals = 0;
    let commas = 0;
    this.error = null;
    while (i < to) {
      const byte = bytes[i];
      if (byte === BACKSLASH && i + 1 < to) {
        i += 2;
        continue;
      }
      if (byte === QUOTE && equals > commas) {
        quoted = !quoted;
        i++;
        continue;
      }
      if (quoted) {
        i++;
        continue;
      }
      if (byte === EQUALS) {
        equals++;
        const before = bytes[i - 1];
        if ((before === SPACE || before === COMMA) && bytes[i - 2] !== BACKSLASH) {
          this.#fail(i, "missing field key");
          return;
        }
        const next = i + 1 < to ? bytes[i + 1] : COMMA;
        if (next === COMMA || next === SPACE) {
          this.#fail(i, "missing field value");
          return;
        }
        if (next !== QUOTE) {
          if (isNumeric(next as number) || next === MINUS || next === 0x4e || next === 0x6e) {
            i = this.#number(bytes, i + 1, to);
          } else i = this.#boolean(bytes, i + 1, to);
          if (this.error !== null) {
            this.at = i;
            return;
          }
          continue;
        }
      } else if (byte === COMMA) commas++;
      else if (byte === SPACE) break;
      i++;
    }
    this.at = Math.min(i, to);
    if (quoted) this.error = "unbalanced quotes";
    else if (equals === 0 || commas !== equals - 1) this.error = "invalid field format";
  }

  /** Scans the timestamp at `bytes[from, to)`, which may be empty; `from` is behind the blanks before it. */
  time(bytes: Uint8Array, from: number, to: number): void {
    let i = from;
    this.error = null;
    if (i < to && bytes[i] === MINUS) i++;
    while (i < to) {
      const byte = bytes[i] as number;
      if (byte === SPACE || byte === LF) break;
      if (byte < 0x30 || byte > 0x39) {
        this.#fail(i, "bad timestamp");
        return;
      }
      i++;
    }
    this.at = i;
  }

  #fail(at: number, error: string): void {
    this.at = at;
    this.error = error;
  }

  /** Returns the offset after the number, at a comma, a space or the end. */
  #number(bytes: Uint8Array, start: number, to: number): number {
    let i = start;
    let integer = false;
    let unsigned = false;
    let decimal = false;
    let scientific = false;
    this.error = null;
    if (bytes[i] === MINUS) {
      i++;
      if (i === to) return this.#invalid(i);
    }
    while (i < to) {
      const byte = bytes[i] as number;
      if (byte >= 0x30 && byte <= 0x39) {
        i++;
        continue;
      }
      if (byte === COMMA || byte === SPACE) break;
      if ((byte === 0x69 || byte === 0x75) && i > start && !integer && !unsigned) {
        if (byte === 0x69) integer = true;
        else unsigned = true;
      } else if (byte === 0x2e) {
        if (decimal) return this.#invalid(i);
        decimal = true;
      } else if (i > start && (byte === 0x65 || byte === 0x45)) scientific = true;
      else if (!((byte === 0x2b || byte === MINUS) && ((bytes[i - 1] as number) | 32) === 0x65)) {
        return this.#invalid(i);
      }
      i++;
    }
    if ((integer || unsigned) && (decimal || scientific)) return this.#invalid(i);
    const digits =
      i - start - (integer ? 1 : 0) - (decimal ? 1 : 0) - (bytes[start] === MINUS ? 1 : 0);
    if (digits === 0 || unsigned) return this.#invalid(i);
    if (integer) {
      if (bytes[i - 1] !== 0x69) return this.#invalid(i);
      if (i - 1 - start >= 19) this.#checkInteger(latin1Text(bytes, start, i - 1));
    } else if (scientific || i - start >= 311) {
      const text = latin1Text(bytes, start, i);
      if (!float.test(text) || !Number.isFinite(Number(text))) this.error = "invalid float";
    }
    return i;
  }

  #checkInteger(text: string): void {
    const wrong = integerError(text);
    if (wrong !== null) this.error = `unable to parse integer ${text}: ${wrong}`;
  }

  #invalid(at: number): number {
    this.error = "invalid number";
    return at;
  }

  #boolean(bytes: Uint8Array, start: number, to: number): number {
    let i = start;
    this.error = null;
    while (i < to && bytes[i] !== COMMA && bytes[i] !== SPACE) i++;
    if (i === start + 1) {
      const byte = (bytes[start] as number) | 32;
      if (byte !== 0x74 && byte !== 0x66) this.error = "invalid boolean";
    } else if (i - start > 5 || !booleans.has(latin1Text(bytes, start, i))) {
      this.error = "invalid boolean";
    }
    return i;
  }
}

/** What Go's strconv says of a text of digits that is no int64, null when it is one. */
export function integerError(text: string): string | null {
  if (!/^-?\d+$/.test(text)) return `strconv.ParseInt: parsing "${text}": invalid syntax`;
  const value = BigInt(text);
  if (value === BigInt.asIntN(64, value)) return null;
  return `strconv.ParseInt: parsing "${text}": value out of range`;
}

function isNumeric(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2e;
}

const float = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const booleans: ReadonlySet<string> = new Set(["true", "True", "TRUE", "false", "False", "FALSE"]);

const LF = 10;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
