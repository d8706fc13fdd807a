import type { Frame } from "./frame-reader.ts";
import type * as type from "./packet-types.ts";
import { PropertyWalker } from "./property-walker.ts";
import { isReason } from "./reasons.ts";
import { malformed, protocolError, type Rejection } from "./rejection.ts";
import { BEYOND_END, readVarint, varintFault, varintSize } from "./varint.ts";

/**
 * Reads PUBACK, PUBREC, PUBREL and PUBCOMP on their own bytes, with the rules
 * of decoding and without allocating.
 *
 * ```
 * answer = fixed header, packet id, [reason, [properties]]
 * ```
 */
export class AckScanner {
  /** The packet id. */
  packetId = 0;
  /** Its offset. */
  idAt = 0;
  /** Reason code; 0 where none was sent. */
  reason = 0;
  /** Why `scan` said no. */
  rejection: Rejection | null = null;

  readonly #version: type.Version;
  readonly #sender: type.Sender;
  readonly #walker: PropertyWalker = new PropertyWalker();

  constructor(version: type.Version, sender: type.Sender) {
    this.#version = version;
    this.#sender = sender;
  }

  /** Reads the packet in `frame`, which a `FrameReader` has passed; false = see `rejection`. */
  scan(bytes: Uint8Array, frame: Frame): boolean {
    const { body, end } = frame;
    this.rejection = null;
    this.reason = 0;
    this.idAt = body;
    this.packetId = ((bytes[body] as number) << 8) | (bytes[body + 1] as number);
    if (this.packetId === 0) return this.#fail(protocolError("MQTT-2.2.1-3", "packet id 0"));
    if (body + 2 === end) return true;
    const packetType = frame.first >> 4;
    this.reason = bytes[body + 2] as number;
    if (this.#version === 4) return this.#fail(malformed("2.1.4", "wrong remaining length"));
    if (!isReason(packetType, this.reason, this.#sender)) {
      return this.#fail(protocolError(`MQTT-3.${packetType}.2-1`, "unknown reason code"));
    }
    return body + 3 === end || this.#scanProperties(bytes, body + 3, end, packetType);
  }

  #scanProperties(bytes: Uint8Array, from: number, end: number, packetType: number): boolean {
    const length = readVarint(bytes, from, end);
    if (length < 0) return this.#fail(varintFault(length));
    let at = from + varintSize(length);
    if (at + length > end) return this.#fail(BEYOND_END);
    const walker = this.#walker;
    walker.begin(packetType, this.#sender);
    const to = at + length;
    while (at < to) {
      at = walker.next(bytes, at, to);
      if (at < 0) return this.#fail(walker.rejection as Rejection);
    }
    return to === end || this.#fail(malformed("2.1.4", "bytes behind the last field"));
  }

  #fail(rejection: Rejection): boolean {
    this.rejection = rejection;
    return false;
  }
}
