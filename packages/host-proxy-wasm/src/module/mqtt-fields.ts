/** What the sticky route reads of MQTT packets: where they end, and what they are about. */
import { decodeUtf8, encodeUtf8 } from "@echarde/core";

/** Reads one packet at a time; its fields are those of the last. */
export class MqttFields {
  /** Kind of packet. */
  type = 0;
  /** Offset behind the packet, which need not be there yet. */
  end = 0;
  /** Of PUBLISH. */
  qos = 0;
  /** Packet id of SUBSCRIBE and PUBLISH, 0 = none. */
  id = 0;
  /** Of PUBLISH: where the topic is, and its alias (0 = none). */
  topicFrom = 0;
  /** See {@link MqttFields.topicFrom}. */
  topicTo = 0;
  /** See {@link MqttFields.topicFrom}. */
  alias = 0;
  #bodyFrom = 0;

  /**
   * Reads what has to be there of the packet at `bytes[from]`: all of it, but of a PUBLISH what stands
   * before its payload. The bytes that are needed for that: more than there are = call again. -1 = it is no packet.
   */
  read(bytes: Uint8Array, from: number, version: number): number {
    const there = bytes.length - from;
    if (there < 2) return 2;
    const first = bytes[from] as number;
    this.type = first >> 4;
    const length = variable(bytes, from + 1);
    if (length === unknown) return there + 1;
    if (length < 0 || this.type === 0) return -1;
    this.#bodyFrom = from + 1 + sizeOf(bytes, from + 1);
    this.end = this.#bodyFrom + length;
    if (this.type === publish) return this.#publish(bytes, from, (first >> 1) & 3, version);
    if (this.type === subscribe) {
      if (length < 5) return -1;
      if (bytes.length >= this.#bodyFrom + 2) this.id = uint16(bytes, this.#bodyFrom);
    }
    return this.end - from;
  }

  /** The filters of the SUBSCRIBE read last; null = it is none, or one is no UTF-8. */
  filters(bytes: Uint8Array, version: number): string[] | null {
    let at = this.#bodyFrom + 2;
    if (version === 5) {
      const size = variable(bytes, at);
      if (size < 0) return null;
      at += sizeOf(bytes, at) + size;
    }
    const found: string[] = [];
    while (at < this.end) {
      const to = at + 2 + uint16(bytes, at);
      if (to + 1 > this.end) return null;
      const raw = bytes.subarray(at + 2, to);
      const filter = decodeUtf8(raw);
      const again = encodeUtf8(filter);
      // Where it cannot be told what a broker would make of it, nothing can be said of its topics.
      if (again.length !== raw.length || again.some((byte, i) => byte !== raw[i])) return null;
      found.push(filter);
      at = to + 1;
    }
    return found.length > 0 ? found : null;
  }

  #publish(bytes: Uint8Array, from: number, qos: number, version: number): number {
    this.qos = qos;
    this.id = 0;
    this.alias = 0;
    let at = this.#bodyFrom;
    if (at + 2 > bytes.length) return at + 2 - from;
    this.topicFrom = at + 2;
    this.topicTo = this.topicFrom + uint16(bytes, at);
    at = this.topicTo + (qos > 0 ? 2 : 0);
    if (qos === 3 || at > this.end) return -1;
    if (at > bytes.length) return at - from;
    if (qos > 0) this.id = uint16(bytes, this.topicTo);
    if (version !== 5) return at - from;
    if (at >= this.end) return -1;
    const size = variable(bytes, at);
    if (size === unknown) return bytes.length + 1 - from;
    const to = at + (size < 0 ? 0 : sizeOf(bytes, at)) + size;
    if (size < 0 || to > this.end) return -1;
    if (to > bytes.length) return to - from;
    this.alias = aliasIn(bytes, to - size, to);
    return this.alias < 0 ? -1 : to - from;
  }
}

/** What a CONNECT says of its client. */
export interface MqttConnect {
  /** 4 = 3.1.1, 5 = 5.0. */
  readonly version: number;
  /** Its client id, maybe empty. */
  readonly clientId: string;
  /** Topic of its will, null = none; a view. */
  readonly will: Uint8Array | null;
  /** Its user, undefined = none. */
  readonly user: string | undefined;
}

/** Reads the whole CONNECT at `bytes[from, to)`; null = it is none of a version that is spoken. */
export function readConnect(bytes: Uint8Array, from: number, to: number): MqttConnect | null {
  let at = from + 1 + sizeOf(bytes, from + 1);
  if (to - at < 12 || magic.some((byte, i) => bytes[at + i] !== byte)) return null;
  const version = bytes[at + 6] as number;
  const flags = bytes[at + 7] as number;
  if (version !== 4 && version !== 5) return null;
  at += 10;
  const skip = (): void => {
    const size = variable(bytes, at);
    at = size < 0 ? to + 1 : at + sizeOf(bytes, at) + size;
  };
  const field = (): Uint8Array => {
    const start = at + 2;
    at = at + 2 > to ? to + 1 : start + uint16(bytes, at);
    return bytes.subarray(start, Math.max(start, Math.min(at, to)));
  };
  if (version === 5) skip();
  const clientId = decodeUtf8(field());
  let will: Uint8Array | null = null;
  if ((flags & 4) !== 0) {
    if (version === 5) skip();
    will = field();
    field();
  }
  const user = (flags & 128) !== 0 ? decodeUtf8(field()) : undefined;
  return at > to ? null : { version, clientId, will, user };
}

/** The topic alias among the properties of a PUBLISH, 0 = none, -1 = they cannot be read. */
function aliasIn(bytes: Uint8Array, from: number, to: number): number {
  let alias = 0;
  let at = from;
  while (at < to) {
    const property = bytes[at] as number;
    at += 1;
    switch (property) {
      case 0x01: // payload format
        at += 1;
        break;
      case 0x02: // message expiry
        at += 4;
        break;
      case 0x23:
        alias = uint16(bytes, at);
        at += 2;
        break;
      case 0x0b: // subscription id
        at += sizeOf(bytes, at);
        break;
      case 0x26: // user property
        at += 2 + uint16(bytes, at);
        at += 2 + uint16(bytes, at);
        break;
      case 0x03: // content type
      case 0x08: // response topic
      case 0x09: // correlation data
        at += 2 + uint16(bytes, at);
        break;
      default:
        return -1;
    }
  }
  return at === to ? alias : -1;
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** The number of variable length at `bytes[at]`; {@link unknown} = too few bytes are there, -1 = it is none. */
function variable(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = 0; i < 4; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return unknown;
    value += (byte & 127) << (7 * i);
    if (byte < 128) return value;
  }
  return -1;
}

function sizeOf(bytes: Uint8Array, at: number): number {
  let size = 1;
  while (size < 4 && (bytes[at + size - 1] as number) >= 128) size += 1;
  return size;
}

const unknown = -2;
const publish = 3;
const subscribe = 8;
/** Length and name of the protocol. */
const magic: readonly number[] = [0, 4, 77, 81, 84, 84];
