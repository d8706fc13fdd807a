/** Reads the fields of one packet in order. The first fault stays; what is read after it is empty. */
import { decodeUtf8 } from "@echarde/core";
import type { Sender } from "./packet-types.ts";
import * as kind from "./properties.ts";
import { kinds, type Place, type Property, propertyId } from "./properties.ts";
import { PropertyWalker } from "./property-walker.ts";
import { malformed, protocolError, type Rejection } from "./rejection.ts";
import { ILL_FORMED, inspectText, NULL_CHARACTER, TEXT, type TextKind } from "./text.ts";
import { BEYOND_END, readVarint, varintFault, varintSize } from "./varint.ts";

/** See the module. */
export class FieldReader {
  /** Offset of the next field. */
  at: number;
  /** What the last `text` held beside plain characters. */
  kind: TextKind = TEXT;
  /** The first fault. */
  rejection: Rejection | null = null;

  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #sender: Sender;

  constructor(bytes: Uint8Array, from: number, end: number, sender: Sender) {
    this.#bytes = bytes;
    this.at = from;
    this.#end = end;
    this.#sender = sender;
  }

  /** Bytes that are left; 0 after a fault. */
  get left(): number {
    return this.#end - this.at;
  }

  /** Notes a fault, unless there was one, and stops reading. */
  fail(rejection: Rejection): void {
    this.rejection ??= rejection;
    this.at = this.#end;
  }

  /** One byte. */
  byte(): number {
    const from = this.#take(1);
    return from < 0 ? 0 : (this.#bytes[from] as number);
  }

  /** Two bytes. */
  uint16(): number {
    const from = this.#take(2);
    if (from < 0) return 0;
    return ((this.#bytes[from] as number) << 8) | (this.#bytes[from + 1] as number);
  }

  /** A packet identifier. */
  packetId(): number {
    const id = this.uint16();
    if (id === 0) this.fail(protocolError("MQTT-2.2.1-3", "packet id 0"));
    return id;
  }

  /** Binary data with its length; a view. */
  binary(): Uint8Array {
    const length = this.uint16();
    const from = this.#take(length);
    return from < 0 ? NONE : this.#bytes.subarray(from, from + length);
  }

  /** A UTF-8 string; `kind` says whether it holds a wildcard. */
  text(): string {
    const length = this.uint16();
    const from = this.#take(length);
    this.kind = TEXT;
    if (from < 0) return "";
    const found = inspectText(this.#bytes, from, from + length);
    if (found === ILL_FORMED) this.fail(malformed("MQTT-1.5.4-1", "text is not UTF-8"));
    else if (found === NULL_CHARACTER) this.fail(malformed("MQTT-1.5.4-2", "text with U+0000"));
    else {
      this.kind = found;
      return decodeUtf8(this.#bytes, from, from + length);
    }
    return "";
  }

  /** What is left; a view. */
  rest(): Uint8Array {
    const view = this.#bytes.subarray(this.at, this.#end);
    this.at = this.#end;
    return view;
  }

  /** Properties with their length. */
  properties(place: Place): Property[] {
    const list: Property[] = [];
    const length = this.#varint();
    const from = this.#take(length);
    if (from < 0) return list;
    const bytes = this.#bytes;
    const walker = new PropertyWalker();
    walker.begin(place, this.#sender);
    let at = from;
    while (at < from + length) {
      at = walker.next(bytes, at, from + length);
      if (walker.rejection !== null) {
        this.fail(walker.rejection);
        return list;
      }
      list.push(propertyAt(bytes, walker));
    }
    if (
      walker.seen(propertyId.authenticationData) &&
      !walker.seen(propertyId.authenticationMethod)
    ) {
      this.fail(protocolError("3.1.2.11.10", "authentication data without a method"));
    }
    return list;
  }

  /** Nothing may be left. */
  finish(): void {
    if (this.at < this.#end) this.fail(malformed("2.1.4", "bytes behind the last field"));
  }

  /** Offset of the next `length` bytes, -1 when they are not there. */
  #take(length: number): number {
    const from = this.at;
    if (this.rejection !== null) return -1;
    if (from + length > this.#end) {
      this.fail(BEYOND_END);
      return -1;
    }
    this.at = from + length;
    return from;
  }

  #varint(): number {
    const value = readVarint(this.#bytes, this.at, this.#end);
    if (value < 0) this.fail(varintFault(value));
    else this.at += varintSize(value);
    return value;
  }
}

const NONE: Uint8Array = new Uint8Array(0);

/** The property that the walker stands on. The casts hold the table of kinds to be true. */
function propertyAt(bytes: Uint8Array, walker: PropertyWalker): Property {
  const { id } = walker;
  switch (kinds[id]) {
    case kind.PAIR:
      return {
        id: propertyId.userProperty,
        name: decodeUtf8(bytes, walker.nameFrom, walker.nameTo),
        value: decodeUtf8(bytes, walker.from, walker.to),
      };
    case kind.UTF8:
      return { id: id as kind.TextId, value: decodeUtf8(bytes, walker.from, walker.to) };
    case kind.BINARY:
      return { id: id as kind.BinaryId, value: bytes.subarray(walker.from, walker.to) };
    default:
      return { id: id as kind.NumberId, value: walker.number };
  }
}
