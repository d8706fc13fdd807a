/** Variable byte integers: 7 bits a byte, least significant first, in the fewest bytes. MQTT 5.0, 1.5.5. */
import { malformed, type Rejection } from "./rejection.ts";

/** The largest value, of four bytes. */
export const LARGEST_VARINT = 268_435_455;
/** {@link readVarint}: the bytes end too early. */
export const SHORT = -1;
/** {@link readVarint}: more than four bytes, or more than needed. */
export const OVERLONG = -2;

/** The value at `at`; it has `varintSize(value)` bytes. {@link SHORT} or {@link OVERLONG} when there is none. */
export function readVarint(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (let i = 0; i < 4; i++) {
    if (at + i >= end) return SHORT;
    const byte = bytes[at + i] as number;
    value |= (byte & 127) << (7 * i);
    if (byte < 128) return byte === 0 && i > 0 ? OVERLONG : value;
  }
  return OVERLONG;
}

/** Bytes of `value`. */
export function varintSize(value: number): number {
  return value < 128 ? 1 : value < 16_384 ? 2 : value < 2_097_152 ? 3 : 4;
}

/** Writes `value` at `at`; returns the offset after it. */
export function putVarint(bytes: Uint8Array, at: number, value: number): number {
  let left = value;
  let to = at;
  while (left > 127) {
    bytes[to++] = (left & 127) | 128;
    left >>>= 7;
  }
  bytes[to++] = left;
  return to;
}

/** What is wrong where {@link readVarint} found no value. */
export function varintFault(fault: number): Rejection {
  return fault === SHORT ? BEYOND_END : TOO_LONG;
}

/** A field that the packet is too short for. */
export const BEYOND_END: Rejection = malformed("1.2", "a field beyond the end of the packet");
const TOO_LONG: Rejection = malformed(
  "MQTT-1.5.5-1",
  "a variable byte integer longer than needed or allowed",
);
