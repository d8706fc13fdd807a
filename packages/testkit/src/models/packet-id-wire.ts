/**
 * Frames of the model `packet-id`: type u8 · id u16 · length u8 · payload.
 *
 * ```
 * SUBSCRIBE (topic | letter "*")* ─▶ SUBSCRIBED 1*        topic = two characters
 * PUBLISH topic data ─▶ PUBLISHED                         FAILED instead of either
 * DELIVER topic data ─▶ ACKNOWLEDGE (no reply)            pushed by the server, with an id of its own
 * PING ─▶ PONG
 * ```
 */
export const SUBSCRIBE = 1;
/** See the module. */
export const SUBSCRIBED = 2;
/** See the module. */
export const PUBLISH = 3;
/** See the module. */
export const PUBLISHED = 4;
/** See the module. */
export const DELIVER = 5;
/** See the module. */
export const ACKNOWLEDGE = 6;
/** See the module. */
export const PING = 7;
/** See the module. */
export const PONG = 8;
/** See the module. */
export const FAILED = 9;

/** A frame. */
export function packet(
  type: number,
  id: number,
  payload: Uint8Array | readonly number[],
): Uint8Array {
  return Uint8Array.of(type, id >> 8, id & 255, payload.length, ...payload);
}

/** Length of the frame at `from`, 0 when that is not known yet. */
export function packetLength(bytes: Uint8Array, from: number): number {
  return bytes.length - from < 4 ? 0 : 4 + (bytes[from + 3] as number);
}

/** The id of the frame at `from`. */
export function packetId(bytes: Uint8Array, from: number): number {
  return ((bytes[from + 1] as number) << 8) | (bytes[from + 2] as number);
}

/** What servers send. */
export const replies: readonly number[] = [SUBSCRIBED, PUBLISHED, DELIVER, PONG, FAILED];

/** Topics (views) that a request names; null when it is not a whole SUBSCRIBE or PUBLISH. */
export function topicsOf(type: number, payload: Uint8Array): Uint8Array[] | null {
  if (type === PUBLISH) return payload.length < 2 ? null : [payload.subarray(0, 2)];
  if (type !== SUBSCRIBE || payload.length % 2 !== 0) return null;
  return Array.from({ length: payload.length / 2 }, (_, i) => payload.subarray(2 * i, 2 * i + 2));
}
