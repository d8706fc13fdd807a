/** Frames what a broker sends: answers that are waited for, and all else as pushes. */
import { BaseLink } from "@echarde/core";
import { ERROR, FRAME, FrameReader } from "./wire/frame-reader.ts";
import * as type from "./wire/packet-types.ts";

/** See the module. */
export class MqttLink extends BaseLink {
  readonly #reader: FrameReader;
  /** Bytes of a PUBLISH that are still to come. */
  #left = 0;

  /** `version` is the one of the session; `maxPacket` what the router holds. */
  constructor(version: type.Version, maxPacket: number) {
    super();
    this.#reader = new FrameReader("server", version, maxPacket);
  }

  scan(bytes: Uint8Array, from: number, _expect: number): number {
    if (this.#left > 0) return this.#more(bytes, from);
    const reader = this.#reader;
    const status = reader.read(bytes, from);
    if (status === ERROR) {
      this.event = "garbage";
      return from;
    }
    const packetType = reader.type;
    if (status !== FRAME) {
      // The length is known once more bytes are needed than a fixed header has.
      if (packetType === type.PUBLISH && reader.need > longestHeader) {
        this.#left = reader.need;
        return this.#more(bytes, from);
      }
      this.event = "need";
      return from;
    }
    const { body, end } = reader;
    switch (packetType) {
      case type.CONNACK:
      case type.PINGRESP:
        this.event = "reply";
        this.id = packetType << 16;
        break;
      case type.SUBACK:
      case type.UNSUBACK:
        this.event = "reply";
        this.id = (packetType << 16) | ((bytes[body] as number) << 8) | (bytes[body + 1] as number);
        break;
      default:
        this.event = "push";
    }
    return end;
  }

  #more(bytes: Uint8Array, from: number): number {
    const end = Math.min(bytes.length, from + this.#left);
    this.#left -= end - from;
    this.event = this.#left === 0 ? "push" : "push-piece";
    return end;
  }
}

const longestHeader = 5;
