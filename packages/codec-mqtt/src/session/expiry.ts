/**
 * The time that a message has left. A server that holds one back sends it with
 * the Message Expiry Interval reduced by the time that it has waited
 * [MQTT-3.3.2-6], and does not send it when that has passed [MQTT-3.3.2-5].
 */

import { FrameReader } from "../wire/frame-reader.ts";
import { PublishScanner } from "../wire/publish-scanner.ts";

/** When a message expires. */
export interface Expiry {
  /** Offset of the interval's four bytes in the packet. */
  readonly at: number;
  /** Unix milliseconds: one that is sent at that moment is in time. */
  readonly by: number;
}

/** Of a packet with the interval at this offset (-1 = none) that came at a moment, Unix milliseconds. */
export function expiryOf(packet: Uint8Array, at: number, came: number): Expiry | null {
  return at < 0 ? null : { at, by: came + 1_000 * secondsAt(packet, at) };
}

/** Whether it has passed. Whole seconds count, so what does not wait never has. */
export function isExpired(expiry: Expiry | null, now: number): expiry is Expiry {
  return expiry !== null && now > expiry.by;
}

/** The packet with the seconds that are left: itself when these are what it says, else a copy. */
export function withTimeLeft(packet: Uint8Array, expiry: Expiry | null, now: number): Uint8Array {
  if (expiry === null) return packet;
  const { at, by } = expiry;
  const left = Math.max(0, Math.ceil((by - now) / 1_000));
  if (left === secondsAt(packet, at)) return packet;
  const copy = packet.slice();
  for (let i = 0; i < 4; i++) copy[at + i] = Math.floor(left / 2 ** (24 - 8 * i)) & 0xff;
  return copy;
}

/**
 * A kept PUBLISH (MQTT 5) of the client on its way to a broker: with the seconds that are left, null = it has
 * expired and `mayDrop`. One that must go all the same, as it was begun, has a second: Mosquitto reads 0 as for ever.
 */
export function keptPublish(
  packet: Uint8Array,
  came: number,
  now: number,
  mayDrop: boolean,
): Uint8Array | null {
  const frames = new FrameReader("client", 5);
  const scanner = new PublishScanner(5, "client");
  frames.read(packet, 0);
  scanner.scan(packet, frames);
  const expiry = expiryOf(packet, scanner.expiryAt, came);
  if (!isExpired(expiry, now)) return withTimeLeft(packet, expiry, now);
  return mayDrop ? null : withTimeLeft(packet, expiry, expiry.by - 1);
}

function secondsAt(packet: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = packet.subarray(at, at + 4);
  return a * 0x1000000 + ((b << 16) | (c << 8) | d);
}
