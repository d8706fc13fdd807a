/**
 * Finds where a packet ends, in any cut, and refuses before anything is held:
 *
 * ```
 * packet = type<<4|flags, remaining length (1 to 4 bytes, 7 bits each, least first), body
 * ```
 * Reads at most five bytes a call and keeps nothing between calls but a failure.
 */
import * as type from "./packet-types.ts";
import { reason } from "./reasons.ts";
import { malformed, protocolError, type Rejection, rejected } from "./rejection.ts";

/** Too few bytes: see `need`. */
export const NEED = 0;
/** A whole packet, up to `end`. */
export const FRAME = 1;
/** No packet: see `rejection`. The reader stays failed. */
export const ERROR = 2;

/** What {@link FrameReader.read} returns. */
export type FrameStatus = typeof NEED | typeof FRAME | typeof ERROR;

/** Where a packet stands in its buffer. */
export interface Frame {
  /** First byte: type and flags. */
  readonly first: number;
  /** Offset of the first byte. */
  readonly start: number;
  /** Offset after the fixed header. */
  readonly body: number;
  /** Offset after the packet. */
  readonly end: number;
}

/** The largest packet that the format can describe: five bytes and 268,435,455 more. */
export const LARGEST_PACKET = 268_435_460;

/** See the module. One for each direction of a connection. */
export class FrameReader implements Frame {
  /** Version of the connection; 0 = no CONNECT seen yet, and nothing else is taken from a client. Set it when there was one. */
  version: type.Version | 0;
  /** Bytes that a packet may have, fixed header included. May change between packets. */
  maxPacket: number;
  first = 0;
  start = 0;
  body = 0;
  end = 0;
  /** After NEED: bytes from `from` on that are worth another call; the whole packet's once its length is known. */
  need = 1;
  /** After ERROR. */
  rejection: Rejection | null = null;

  readonly #sender: type.Sender;

  /** `sender` is whose bytes are read. A server's version is the one that was asked for in CONNECT. */
  constructor(sender: type.Sender, version: type.Version | 0, maxPacket: number = LARGEST_PACKET) {
    this.#sender = sender;
    this.version = version;
    this.maxPacket = maxPacket;
  }

  /** Type of the packet, as in `packet-types`. */
  get type(): number {
    return this.first >> 4;
  }

  /** Looks at the packet that starts at `bytes[from]`. */
  read(bytes: Uint8Array, from: number): FrameStatus {
    if (this.rejection !== null) return ERROR;
    const size = bytes.length;
    if (from >= size) {
      this.need = 1;
      return NEED;
    }
    const first = bytes[from] as number;
    this.first = first;
    this.start = from;
    // Of nearly all packets: PUBLISH is every connection's once it stands.
    if (first >> 4 !== type.PUBLISH || this.version === 0) {
      this.rejection = this.#judge(first);
      if (this.rejection !== null) return ERROR;
    } else if ((first & 6) === 6) return this.#fail(malformed("MQTT-3.3.1-4", "QoS 3"));
    else if ((first & 14) === 8) return this.#fail(malformed("MQTT-3.3.1-2", "DUP with QoS 0"));

    let length = 0;
    let at = from + 1;
    let byte: number;
    let shift = 0;
    do {
      if (at >= size) {
        this.need = at - from + 1;
        return NEED;
      }
      byte = bytes[at++] as number;
      length |= (byte & 127) << shift;
      shift += 7;
    } while (byte > 127 && shift < 28);
    if (byte > 127) return this.#fail(malformed("1.5.5", "remaining length of more than 4 bytes"));
    // MQTT 3.1.1 has no such rule, and small devices pad lengths that they do not know yet.
    if (byte === 0 && shift > 7 && this.version === 5) {
      return this.#fail(malformed("MQTT-1.5.5-1", "remaining length longer than needed"));
    }
    const whole = at - from + length;
    if (whole > this.maxPacket) {
      return this.#fail(rejected(reason.packetTooLarge, "MQTT-3.1.2-24", "packet too large"));
    }
    this.rejection = this.#judgeLength(first >> 4, length);
    if (this.rejection !== null) return ERROR;
    this.body = at;
    this.end = from + whole;
    if (this.end > size) {
      this.need = whole;
      return NEED;
    }
    return FRAME;
  }

  #judge(first: number): Rejection | null {
    const packetType = first >> 4;
    const { version } = this;
    if (packetType === 0) return malformed("2.1.2", "packet type 0");
    if (version === 0 && packetType !== type.CONNECT) {
      return protocolError("MQTT-3.1.0-1", "a packet before CONNECT");
    }
    if (version !== 0 && packetType === type.CONNECT && this.#sender === "client") {
      return protocolError("MQTT-3.1.0-2", "a second CONNECT");
    }
    if (packetType === type.AUTH && version === 4) return malformed("2.1.2", "packet type 15");
    if (!type.maySend(this.#sender, packetType, version === 0 ? 5 : version)) {
      return protocolError("2.1.2", "a packet of the other side");
    }
    const flags = type.requiredFlags(packetType);
    if (flags >= 0 && (first & 15) !== flags) return malformed("MQTT-2.1.3-1", "reserved flags");
    return null;
  }

  /** What can be said from type and length alone, before the body is held. */
  #judgeLength(packetType: number, length: number): Rejection | null {
    let least = 0;
    let most = LARGEST_PACKET;
    switch (packetType) {
      case type.PUBLISH:
        least = this.version === 5 ? 3 : 2;
        break;
      case type.PUBACK:
      case type.PUBREC:
      case type.PUBREL:
      case type.PUBCOMP:
      case type.UNSUBACK:
      case type.CONNACK:
        least = 2;
        if (this.version === 4) most = 2;
        break;
      case type.PINGREQ:
      case type.PINGRESP:
        most = 0;
        break;
      case type.DISCONNECT:
        if (this.version === 4) most = 0;
        break;
      case type.CONNECT:
        // "MQTT", level, flags, keep alive, empty client id.
        least = 12;
        break;
      case type.SUBSCRIBE:
      case type.SUBACK:
      case type.UNSUBSCRIBE:
        least = 2;
        break;
    }
    return length < least || length > most ? malformed("2.1.4", "wrong remaining length") : null;
  }

  #fail(rejection: Rejection): FrameStatus {
    this.rejection = rejection;
    return ERROR;
  }
}
