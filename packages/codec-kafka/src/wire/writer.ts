/**
 * Writes the primitives of the Kafka protocol; the counterpart of `reader.ts`.
 * Large bytes become chunks of their own: views of what was given, not copied.
 */
import { encodeUtf8 } from "@echarde/core";
import type { UnknownTag } from "./reader.ts";

/** A tagged field to be written. */
export interface KnownTag {
  readonly tag: number;
  readonly write: (writer: Writer) => void;
}

/** No tagged fields that are known. */
export const noKnown: readonly KnownTag[] = [];

/** See the module. */
export class Writer {
  /** Bytes written. */
  size = 0;
  readonly #chunks: Uint8Array[] = [];
  #buffer: Uint8Array = new Uint8Array(256);
  #view: DataView = new DataView(this.#buffer.buffer);
  #from = 0;
  #at = 0;

  /** What was written, in chunks. The writer is of no more use. */
  finish(): Uint8Array[] {
    this.#cut();
    return this.#chunks;
  }

  bool(value: boolean): void {
    this.int8(value ? 1 : 0);
  }

  int8(value: number): void {
    const at = this.#room(1);
    this.#view.setInt8(at, value);
  }

  int16(value: number): void {
    const at = this.#room(2);
    this.#view.setInt16(at, value);
  }

  uint16(value: number): void {
    const at = this.#room(2);
    this.#view.setUint16(at, value);
  }

  int32(value: number): void {
    const at = this.#room(4);
    this.#view.setInt32(at, value);
  }

  int64(value: bigint): void {
    const at = this.#room(8);
    this.#view.setBigInt64(at, value);
  }

  uuid(value: Uint8Array): void {
    const at = this.#room(16);
    this.#buffer.set(value, at);
  }

  string(value: string | null, flex: boolean): void {
    const bytes = value === null ? null : encodeUtf8(value);
    const length = bytes === null ? -1 : bytes.length;
    if (flex) this.#uvarint(length + 1);
    else this.int16(length);
    if (bytes !== null) this.#raw(bytes);
  }

  bytes(value: Uint8Array | null, flex: boolean): void {
    const length = value === null ? -1 : value.length;
    if (flex) this.#uvarint(length + 1);
    else this.int32(length);
    if (value !== null) this.#raw(value);
  }

  /** As `bytes`, for what may be in pieces. */
  records(value: Uint8Array | readonly Uint8Array[] | null, flex: boolean): void {
    if (value === null || value instanceof Uint8Array) {
      this.bytes(value, flex);
      return;
    }
    const length = value.reduce((sum, piece) => sum + piece.length, 0);
    if (flex) this.#uvarint(length + 1);
    else this.int32(length);
    for (const piece of value) this.#raw(piece);
  }

  array<T>(
    items: readonly T[] | null,
    flex: boolean,
    write: (writer: Writer, item: T, version: number) => void,
    version: number,
  ): void {
    const count = items === null ? -1 : items.length;
    if (flex) this.#uvarint(count + 1);
    else this.int32(count);
    for (const item of items ?? []) write(this, item, version);
  }

  /** Tagged fields, ascending. */
  tags(known: readonly KnownTag[], unknown: readonly UnknownTag[]): void {
    this.#uvarint(known.length + unknown.length);
    if (known.length + unknown.length === 0) return;
    const all = [
      ...known,
      ...unknown.map(({ tag, data }) => ({ tag, write: (to: Writer) => to.#raw(data) })),
    ].sort((a, b) => a.tag - b.tag);
    for (const { tag, write } of all) {
      const value = new Writer();
      write(value);
      this.#uvarint(tag);
      this.#uvarint(value.size);
      for (const chunk of value.finish()) this.#raw(chunk);
    }
  }

  #uvarint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.int8((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.int8(rest);
  }

  #raw(bytes: Uint8Array): void {
    if (bytes.length < copied) {
      const at = this.#room(bytes.length);
      this.#buffer.set(bytes, at);
      return;
    }
    this.#cut();
    this.#chunks.push(bytes);
    this.size += bytes.length;
  }

  #cut(): void {
    if (this.#at > this.#from) this.#chunks.push(this.#buffer.subarray(this.#from, this.#at));
    this.#from = this.#at;
  }

  /** Makes room; to be called before the buffer or its view is looked at, since both may be replaced. */
  #room(length: number): number {
    const at = this.#at;
    this.size += length;
    if (at + length <= this.#buffer.length) {
      this.#at = at + length;
      return at;
    }
    const pending = this.#buffer.subarray(this.#from, at);
    this.#buffer = new Uint8Array(2 * (pending.length + length) + 256);
    this.#view = new DataView(this.#buffer.buffer);
    this.#buffer.set(pending);
    this.#from = 0;
    this.#at = pending.length + length;
    return pending.length;
  }
}

/** Bytes below which copying is cheaper than a chunk of their own. */
const copied = 1024;
