/**
 * Walks the properties of a packet one by one and holds each against the
 * rules: known, allowed here and from this side, not twice, inside its
 * length, a lawful value. Makes no values: decoding and scanning share it.
 *
 * ```
 * properties = length (varint), property*      property = id, value by its type
 * ```
 */
import { DISCONNECT, PUBLISH, type Sender } from "./packet-types.ts";
import * as kind from "./properties.ts";
import { kinds, type Place, places, propertyId } from "./properties.ts";
import { reason } from "./reasons.ts";
import { malformed, protocolError, type Rejection, rejected } from "./rejection.ts";
import { ILL_FORMED, inspectText, NULL_CHARACTER, WILDCARD } from "./text.ts";
import { OVERLONG, readVarint, SHORT, varintFault, varintSize } from "./varint.ts";

/** See the module. Reusable: `begin`, then `next` until the end. */
export class PropertyWalker {
  /** Identifier of the last property. */
  id = 0;
  /** Value of the last property, when it is a number. */
  number = 0;
  /** Offset of the last property's text or bytes; of its number, when it is one. */
  from = 0;
  /** Offset after them. */
  to = 0;
  /** Offset of a user property's name. */
  nameFrom = 0;
  /** Offset after it. */
  nameTo = 0;
  /** Why `next` returned -1. */
  rejection: Rejection | null = null;

  #place: Place = 0;
  #sender: Sender = "client";
  /** Identifiers met, 0 to 31 and 32 to 63. */
  #seenLow = 0;
  #seenHigh = 0;

  /** Begins the properties of a packet from `sender`. */
  begin(place: Place, sender: Sender): void {
    this.#place = place;
    this.#sender = sender;
    this.#seenLow = 0;
    this.#seenHigh = 0;
    this.rejection = null;
  }

  /** Whether a property with this id was met since `begin`. */
  seen(id: number): boolean {
    return ((id < 32 ? this.#seenLow : this.#seenHigh) & (1 << (id & 31))) !== 0;
  }

  /** Reads the property at `at`; returns the offset after it, or -1 with `rejection` set. `end` = end of the properties. */
  next(bytes: Uint8Array, at: number, end: number): number {
    const id = bytes[at] as number;
    const valueKind = id < 128 ? (kinds[id] as number) : kind.UNKNOWN;
    if (valueKind === kind.UNKNOWN) return this.#fail(malformed("2.2.2.2", "unknown property"));
    if ((((places[id] as number) >> this.#place) & 1) === 0) {
      return this.#fail(malformed("2.2.2.2", "a property of other packets"));
    }
    this.id = id;
    if (!this.#note(id)) return -1;
    const from = at + 1;
    this.from = from;
    let after: number;
    switch (valueKind) {
      case kind.BYTE:
        after = from + 1;
        if (after <= end) this.number = bytes[from] as number;
        break;
      case kind.UINT16:
        after = from + 2;
        if (after <= end)
          this.number = ((bytes[from] as number) << 8) | (bytes[from + 1] as number);
        break;
      case kind.UINT32:
        after = from + 4;
        if (after <= end) this.number = uint32(bytes, from);
        break;
      case kind.VARINT:
        after = this.#varint(bytes, from, end);
        break;
      case kind.PAIR:
        after = this.#text(bytes, from, end);
        if (after < 0) return -1;
        this.nameFrom = this.from;
        this.nameTo = this.to;
        after = this.#text(bytes, after, end);
        break;
      case kind.UTF8:
        after = this.#text(bytes, from, end);
        break;
      default:
        after = this.#binary(bytes, from, end);
    }
    if (after < 0) return -1;
    if (after > end) return this.#fail(malformed("2.2.2.1", "a property beyond their length"));
    if (valueKind < kind.UTF8) {
      this.to = after;
      const wrong = judgeNumber(id, this.number);
      if (wrong !== null) return this.#fail(wrong);
    }
    return after;
  }

  /** Twice, or not this side's. */
  #note(id: number): boolean {
    if (id === propertyId.userProperty) return true;
    const bit = 1 << (id & 31);
    if (this.seen(id)) {
      if (id !== propertyId.subscriptionIdentifier || this.#place !== PUBLISH) {
        this.#fail(protocolError("2.2.2.2", "a property twice"));
        return false;
      }
    } else if (id < 32) this.#seenLow |= bit;
    else this.#seenHigh |= bit;
    if (this.#sender === "client") {
      if (id === propertyId.subscriptionIdentifier && this.#place === PUBLISH) {
        this.#fail(protocolError("MQTT-3.3.4-6", "a client's subscription identifier"));
        return false;
      }
    } else if (id === propertyId.sessionExpiry && this.#place === DISCONNECT) {
      this.#fail(protocolError("MQTT-3.14.2-2", "session expiry from a server"));
      return false;
    }
    return true;
  }

  #varint(bytes: Uint8Array, from: number, end: number): number {
    const value = readVarint(bytes, from, end);
    if (value === OVERLONG) return this.#fail(varintFault(value));
    if (value === SHORT) return end + 1;
    this.number = value;
    return from + varintSize(value);
  }

  #binary(bytes: Uint8Array, from: number, end: number): number {
    if (from + 2 > end) return end + 1;
    this.from = from + 2;
    this.to = from + 2 + (((bytes[from] as number) << 8) | (bytes[from + 1] as number));
    return this.to;
  }

  #text(bytes: Uint8Array, from: number, end: number): number {
    const after = this.#binary(bytes, from, end);
    if (after > end) return end + 1;
    const found = inspectText(bytes, this.from, after);
    if (found === ILL_FORMED) return this.#fail(malformed("MQTT-1.5.4-1", "text is not UTF-8"));
    if (found === NULL_CHARACTER) return this.#fail(malformed("MQTT-1.5.4-2", "text with U+0000"));
    if (this.id === propertyId.responseTopic) {
      if (found === WILDCARD) {
        return this.#fail(protocolError("MQTT-3.3.2-14", "a response topic with a wildcard"));
      }
      if (after === this.from) {
        return this.#fail(protocolError("MQTT-4.7.3-1", "an empty response topic"));
      }
    }
    return after;
  }

  #fail(rejection: Rejection): number {
    this.rejection = rejection;
    return -1;
  }
}

/** The four bytes at `at`, most significant first. */
function uint32(bytes: Uint8Array, at: number): number {
  const low = ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8);
  return (bytes[at] as number) * 0x1000000 + (low | (bytes[at + 3] as number));
}

function judgeNumber(id: number, value: number): Rejection | null {
  switch (id) {
    case propertyId.payloadFormat:
      return value < 2 ? null : protocolError("3.3.2.3.2", "payload format above 1");
    case propertyId.subscriptionIdentifier:
      return value > 0 ? null : protocolError("3.8.2.1.2", "subscription identifier 0");
    case propertyId.topicAlias:
      return value > 0 ? null : rejected(reason.topicAliasInvalid, "MQTT-3.3.2-8", "topic alias 0");
    case propertyId.receiveMaximum:
      return value > 0 ? null : protocolError("3.1.2.11.3", "receive maximum 0");
    case propertyId.maximumPacketSize:
      return value > 0 ? null : protocolError("3.1.2.11.4", "maximum packet size 0");
    case propertyId.requestProblemInformation:
    case propertyId.requestResponseInformation:
      return value < 2 ? null : protocolError("3.1.2.11", "neither 0 nor 1");
    case propertyId.maximumQos:
    case propertyId.retainAvailable:
    case propertyId.wildcardAvailable:
    case propertyId.subscriptionIdentifiersAvailable:
    case propertyId.sharedAvailable:
      return value < 2 ? null : protocolError("3.2.2.3", "neither 0 nor 1");
    default:
      return null;
  }
}
