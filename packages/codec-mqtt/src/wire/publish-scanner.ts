/**
 * Finds what routing needs in a PUBLISH, on its own bytes: topic, packet id,
 * alias, payload. Holds the packet against the same rules as decoding, makes
 * no values and allocates nothing.
 *
 * ```
 * PUBLISH = fixed header, topic length, topic, packet id (QoS > 0), [properties], payload
 * ```
 */
import type { Frame } from "./frame-reader.ts";
import { PUBLISH, type Sender, type Version } from "./packet-types.ts";
import { propertyId } from "./properties.ts";
import { PropertyWalker } from "./property-walker.ts";
import { malformed, protocolError, type Rejection } from "./rejection.ts";
import { ILL_FORMED, inspectText, NULL_CHARACTER, TEXT, WILDCARD } from "./text.ts";
import { BEYOND_END, readVarint, varintFault, varintSize } from "./varint.ts";

/** See the module. Reusable; every offset points into the bytes of the last scan. */
export class PublishScanner {
  /** First byte. */
  first = 0;
  /** Offset of the packet. */
  start = 0;
  /** Offset after the packet. */
  end = 0;
  /** Offset of the topic behind its length. */
  topicFrom = 0;
  /** Offset after the topic; `topicFrom` = the alias stands for it. */
  topicTo = 0;
  /** Offset of the packet id, -1 with QoS 0. */
  idAt = -1;
  /** The packet id, 0 with QoS 0. */
  packetId = 0;
  /** Offset of the properties behind their length; `payload` in MQTT 3.1.1. */
  propertiesFrom = 0;
  /** Offset of the topic alias property (its identifier, then two bytes), -1 = none. */
  aliasAt = -1;
  /** The alias, 0 = none. */
  alias = 0;
  /** Offset of the four bytes of the Message Expiry Interval, -1 = none. */
  expiryAt = -1;
  /** Offset of the payload, and after the properties. */
  payload = 0;
  /** Why `scan` said no. */
  rejection: Rejection | null = null;

  readonly #version: Version;
  readonly #sender: Sender;
  readonly #walker: PropertyWalker = new PropertyWalker();

  constructor(version: Version, sender: Sender) {
    this.#version = version;
    this.#sender = sender;
  }

  /** Quality of service. */
  get qos(): 0 | 1 | 2 {
    return ((this.first >> 1) & 3) as 0 | 1 | 2;
  }

  /** Whether it was sent before. */
  get dup(): boolean {
    return (this.first & 8) !== 0;
  }

  /** Whether it is to be retained, or was. */
  get retain(): boolean {
    return (this.first & 1) !== 0;
  }

  /** Reads the PUBLISH in `frame`, which a `FrameReader` has passed; false = see `rejection`. */
  scan(bytes: Uint8Array, frame: Frame): boolean {
    const { first, body, end } = frame;
    this.first = first;
    this.start = frame.start;
    this.end = end;
    this.idAt = -1;
    this.packetId = 0;
    this.aliasAt = -1;
    this.alias = 0;
    this.expiryAt = -1;
    this.rejection = null;
    const from = body + 2;
    if (from > end) return this.#fail(BEYOND_END);
    let at = from + (((bytes[body] as number) << 8) | (bytes[body + 1] as number));
    if (at > end) return this.#fail(BEYOND_END);
    this.topicFrom = from;
    this.topicTo = at;
    const found = inspectText(bytes, from, at);
    if (found !== TEXT) return this.#fail(TOPIC_FAULTS[found] as Rejection);
    if ((first & 6) !== 0) {
      if (at + 2 > end) return this.#fail(BEYOND_END);
      this.packetId = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
      if (this.packetId === 0) return this.#fail(NO_ID);
      this.idAt = at;
      at += 2;
    }
    if (this.#version === 5) {
      at = this.#scanProperties(bytes, at, end);
      if (at < 0) return false;
      if (this.topicTo === from && this.alias === 0) return this.#fail(NO_TOPIC);
    } else {
      if (this.topicTo === from) return this.#fail(EMPTY_TOPIC);
      this.propertiesFrom = at;
    }
    this.payload = at;
    return true;
  }

  #scanProperties(bytes: Uint8Array, from: number, end: number): number {
    const length = readVarint(bytes, from, end);
    if (length < 0) return this.#stop(varintFault(length));
    let at = from + varintSize(length);
    const to = at + length;
    if (to > end) return this.#stop(BEYOND_END);
    this.propertiesFrom = at;
    if (length === 0) return at;
    const walker = this.#walker;
    walker.begin(PUBLISH, this.#sender);
    while (at < to) {
      const property = at;
      at = walker.next(bytes, at, to);
      if (at < 0) return this.#stop(walker.rejection as Rejection);
      if (walker.id === propertyId.topicAlias) {
        this.alias = walker.number;
        this.aliasAt = property;
      } else if (walker.id === propertyId.messageExpiry) this.expiryAt = walker.from;
    }
    return to;
  }

  #fail(rejection: Rejection): boolean {
    this.rejection = rejection;
    return false;
  }

  #stop(rejection: Rejection): number {
    this.rejection = rejection;
    return -1;
  }
}

const NO_ID: Rejection = protocolError("MQTT-2.2.1-3", "packet id 0");
const NO_TOPIC: Rejection = protocolError("3.3.2.1", "neither topic nor alias");
const EMPTY_TOPIC: Rejection = malformed("MQTT-4.7.3-1", "an empty topic");
const TOPIC_FAULTS: Readonly<Record<number, Rejection>> = {
  [WILDCARD]: malformed("MQTT-3.3.2-2", "a topic with a wildcard"),
  [NULL_CHARACTER]: malformed("MQTT-1.5.4-2", "text with U+0000"),
  [ILL_FORMED]: malformed("MQTT-1.5.4-1", "text is not UTF-8"),
};
