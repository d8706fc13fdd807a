import { equalsWord, HIGH, latin1Text } from "./bytes.ts";

/** Bit of {@link HeaderFields.marks}: the value has bytes from 0x80 up. */
export const MARK_HIGH: number = HIGH;
/** Bit of {@link HeaderFields.marks}: the value has control bytes (responses only). Such a field is not found by name and must not be forwarded. */
export const MARK_CONTROL = 128;

/**
 * The header lines of one head, as offsets into the bytes that the head was
 * read from: nothing is copied. Valid until the reader begins the next head,
 * and only together with the bytes given to the call that reported the head.
 *
 * ```
 * Name: OWS value OWS CRLF
 * │   │     │    │        │
 * │   │     │    valueTo  lineTo
 * │   │     valueFrom
 * │   nameTo
 * nameFrom (= start of the line)
 * ```
 */
export class HeaderFields {
  /** Number of header lines. */
  count = 0;
  /** What the offsets are relative to. @internal */
  base = 0;
  readonly #nameFrom: number[] = [];
  readonly #nameTo: number[] = [];
  readonly #valueFrom: number[] = [];
  readonly #valueTo: number[] = [];
  readonly #marks: number[] = [];

  /** Start of line `i` and of its name. */
  nameFrom(i: number): number {
    return this.base + (this.#nameFrom[i] as number);
  }

  /** Offset of the colon of line `i`. */
  nameTo(i: number): number {
    return this.base + (this.#nameTo[i] as number);
  }

  /** Start of the value of line `i`, blanks cut off. */
  valueFrom(i: number): number {
    return this.base + (this.#valueFrom[i] as number);
  }

  /** Offset after the value of line `i`, blanks cut off. */
  valueTo(i: number): number {
    return this.base + (this.#valueTo[i] as number);
  }

  /** Sum of {@link MARK_HIGH} and {@link MARK_CONTROL} for line `i`; 0 for plain ASCII. */
  marks(i: number): number {
    return this.#marks[i] as number;
  }

  /** Name of line `i` as received. */
  name(bytes: Uint8Array, i: number): string {
    return latin1Text(bytes, this.nameFrom(i), this.nameTo(i));
  }

  /** Value of line `i`: a view of `bytes`. */
  value(bytes: Uint8Array, i: number): Uint8Array {
    return bytes.subarray(this.valueFrom(i), this.valueTo(i));
  }

  /**
   * Index of the first line from `i` on with this name, -1 if there is none.
   * `name` is in lower case. Lines with control bytes are passed over.
   */
  find(bytes: Uint8Array, name: Uint8Array, i = 0): number {
    for (let at = i; at < this.count; at++) {
      if (
        ((this.#marks[at] as number) & MARK_CONTROL) === 0 &&
        (this.#nameTo[at] as number) - (this.#nameFrom[at] as number) === name.length &&
        equalsWord(bytes, this.nameFrom(at), this.nameTo(at), name)
      )
        return at;
    }
    return -1;
  }

  /** Forgets all lines; offsets of the next are relative to `base`. @internal */
  clear(): void {
    this.count = 0;
  }

  /** Adds a line; offsets are relative to {@link base}. @internal */
  add(nameFrom: number, nameTo: number, valueFrom: number, valueTo: number, marks: number): void {
    const i = this.count++;
    this.#nameFrom[i] = nameFrom;
    this.#nameTo[i] = nameTo;
    this.#valueFrom[i] = valueFrom;
    this.#valueTo[i] = valueTo;
    this.#marks[i] = marks;
  }
}

/**
 * Walks the elements of a comma-separated value at `bytes[from, to)`, blanks
 * around them cut off; empty elements are passed over (RFC 9110 §5.6.1).
 * Commas in quoted strings are not respected: for lists of tokens only.
 */
export class TokenList {
  /** Start of the current element. */
  from = 0;
  /** Offset after the current element. */
  to = 0;
  #bytes: Uint8Array;
  #at: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, from: number, to: number) {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = to;
  }

  /** Goes to the next element; false at the end. */
  next(): boolean {
    while (this.#at < this.#end) {
      let to = this.#at;
      while (to < this.#end && this.#bytes[to] !== 0x2c) to++;
      this.from = this.#at;
      this.#at = to + 1;
      while (to > this.from && isBlank(this.#bytes[to - 1])) to--;
      while (this.from < to && isBlank(this.#bytes[this.from])) this.from++;
      this.to = to;
      if (to > this.from) return true;
    }
    return false;
  }
}

/** Space or tab. */
export function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 9;
}
