/**
 * Reads the primitives of the Kafka protocol. `flex` = the message's version is
 * a flexible one: lengths are unsigned varints of one more than they say, 0 = null.
 *
 * ```
 *   string    int16 length | uvarint length + 1, UTF-8     bytes, records   int32 length | uvarint length + 1
 *   array     int32 count  | uvarint count + 1             tags             uvarint count, then (uvarint tag, uvarint size, bytes)
 * ```
 * Bytes come out as views. A message that does not hold throws {@link Malformed}.
 */
import { decodeUtf8 } from "@echarde/core";

/** A message breaks its grammar. Never leaves the codec. */
export class Malformed extends Error {}

/** A tagged field that the generated code does not know; `data` is a view. */
export interface UnknownTag {
  readonly tag: number;
  readonly data: Uint8Array;
}

/** No unknown tags. */
export const noTags: readonly UnknownTag[] = [];

/** See the module. */
export class Reader {
  /** The next byte. */
  at: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;

  constructor(bytes: Uint8Array, from = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = from;
    this.#end = end;
  }

  /** Throws when bytes are left over. */
  finish(): void {
    if (this.at !== this.#end) throw new Malformed("bytes behind the message");
  }

  bool(): boolean {
    return this.int8() !== 0;
  }

  int8(): number {
    return this.#view.getInt8(this.#take(1));
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4));
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#take(8));
  }

  uuid(): Uint8Array {
    const at = this.#take(16);
    return this.#bytes.subarray(at, at + 16);
  }

  string(flex: boolean): string {
    return this.nullableString(flex) ?? missing();
  }

  nullableString(flex: boolean): string | null {
    const length = flex ? this.#uvarint() - 1 : this.int16();
    if (length < 0) return null;
    const at = this.#take(length);
    return decodeUtf8(this.#bytes, at, at + length);
  }

  bytes(flex: boolean): Uint8Array {
    return this.nullableBytes(flex) ?? missing();
  }

  nullableBytes(flex: boolean): Uint8Array | null {
    const length = flex ? this.#uvarint() - 1 : this.int32();
    if (length < 0) return null;
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  array<T>(flex: boolean, read: (reader: Reader, version: number) => T, version: number): T[] {
    return this.nullableArray(flex, read, version) ?? missing();
  }

  nullableArray<T>(
    flex: boolean,
    read: (reader: Reader, version: number) => T,
    version: number,
  ): T[] | null {
    const count = flex ? this.#uvarint() - 1 : this.int32();
    if (count < 0) return null;
    // Each element takes a byte at least: a count that lies is found before anything is allocated for it.
    if (count > this.#end - this.at) throw new Malformed("more elements than bytes");
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(read(this, version));
    return items;
  }

  /** Tagged fields: `known` reads the value of a tag that it knows and says so; the others are returned. */
  tags(known: ((tag: number) => boolean) | null): readonly UnknownTag[] {
    const count = this.#uvarint();
    if (count === 0) return noTags;
    const unknown: UnknownTag[] = [];
    for (let i = 0; i < count; i++) {
      const tag = this.#uvarint();
      const size = this.#uvarint();
      const at = this.#take(size);
      this.at = at;
      if (known?.(tag) !== true) {
        unknown.push({ tag, data: this.#bytes.subarray(at, at + size) });
        this.at = at + size;
      }
      if (this.at !== at + size) throw new Malformed("a tagged field of another size");
    }
    return unknown;
  }

  #uvarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes[this.#take(1)] as number;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0x7fffffff) break;
        return value;
      }
    }
    throw new Malformed("a varint that is too long");
  }

  #take(length: number): number {
    const at = this.at;
    if (length > this.#end - at) throw new Malformed("too few bytes");
    this.at = at + length;
    return at;
  }
}

function missing(): never {
  throw new Malformed("null where there must be a value");
}
