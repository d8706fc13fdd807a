/** Puts the fields of one packet together; the fixed header comes last, when the length is known. */
import { encodeUtf8, LocalProtocolError } from "@echarde/core";
import * as kind from "./properties.ts";
import { kinds, type Property } from "./properties.ts";
import { LARGEST_VARINT, putVarint, varintSize } from "./varint.ts";

/** Room in front of the body for the longest fixed header. */
const ROOM = 5;

/** See the module. Values that the format cannot hold throw `LocalProtocolError`. */
export class PacketWriter {
  #bytes: Uint8Array = new Uint8Array(256);
  #at = ROOM;

  /** One byte. */
  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = value;
  }

  /** Two bytes. */
  uint16(value: number): void {
    if (!(value >= 0 && value <= 0xffff)) throw misuse("a number above 65535");
    this.byte(value >> 8);
    this.byte(value);
  }

  /** A packet identifier. */
  packetId(id: number): void {
    if (id === 0) throw misuse("packet id 0");
    this.uint16(id);
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** Length and bytes. */
  binary(bytes: Uint8Array): void {
    if (bytes.length > 0xffff) throw misuse("a field above 65535 bytes");
    this.uint16(bytes.length);
    this.raw(bytes);
  }

  /** Length and UTF-8. */
  text(text: string): void {
    this.binary(encodeUtf8(text));
  }

  /** Length and properties, in the order given. */
  properties(list: readonly Property[]): void {
    const inner = new PacketWriter();
    for (const property of list) inner.#property(property);
    this.#varint(inner.#at - ROOM);
    this.raw(inner.#bytes.subarray(ROOM, inner.#at));
  }

  /** The packet: fixed header and all that was written. `behind` = bytes of the body that follow separately. */
  finish(first: number, behind = 0): Uint8Array {
    const length = this.#at - ROOM + behind;
    if (length > LARGEST_VARINT) throw misuse("a packet above 268,435,455 bytes");
    const from = ROOM - 1 - varintSize(length);
    this.#bytes[from] = first;
    putVarint(this.#bytes, from + 1, length);
    return this.#bytes.subarray(from, this.#at);
  }

  #property(property: Property): void {
    this.byte(property.id);
    // By the type of the value, which the identifier fixes; numbers differ in width.
    if ("name" in property) {
      this.text(property.name);
      this.text(property.value);
    } else if (typeof property.value === "string") this.text(property.value);
    else if (typeof property.value !== "number") this.binary(property.value);
    else this.#number(kinds[property.id] as number, property.value);
  }

  #number(valueKind: number, value: number): void {
    switch (valueKind) {
      case kind.BYTE:
        this.byte(value);
        return;
      case kind.UINT16:
        this.uint16(value);
        return;
      case kind.UINT32:
        this.uint16(Math.floor(value / 0x10000));
        this.uint16(value % 0x10000);
        return;
      default:
        if (value > LARGEST_VARINT) throw misuse("a variable byte integer above 268,435,455");
        this.#varint(value);
    }
  }

  #varint(value: number): void {
    this.#reserve(4);
    this.#at = putVarint(this.#bytes, this.#at, value);
  }

  #reserve(more: number): void {
    const size = this.#at + more;
    if (size <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(size, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }
}

function misuse(what: string): LocalProtocolError {
  return new LocalProtocolError("misuse", `MQTT cannot carry ${what}`);
}
