/**
 * Frames of the model `correlation`.
 *
 * ```
 * request  length u16 · id u32 · operation u8 · payload      reply  length u16 · id u32 · payload
 * META ─▶ node,node    GET key* ─▶ value*    PUT (key value)* ─▶ status*    SEND (key value)* (no reply)
 * ```
 */

/** Asks for the nodes of a cluster. */
export const META = 0;
/** Reads keys. */
export const GET = 1;
/** Writes keys. */
export const PUT = 2;
/** Writes keys without a reply. */
export const SEND = 3;

/** A request or, without operation, a reply. */
export function correlated(id: number, operation: number, payload: Iterable<number>): Uint8Array {
  const rest = operation < 0 ? [...payload] : [operation, ...payload];
  const length = rest.length + 4;
  return Uint8Array.of(
    length >> 8,
    length & 255,
    id >>> 24,
    (id >> 16) & 255,
    (id >> 8) & 255,
    id & 255,
    ...rest,
  );
}

/** The id of the frame at `from`. */
export function idAt(bytes: Uint8Array, from: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(from + 2);
}

/** Length of the frame at `from`, 0 when that is not known yet. */
export function frameLength(bytes: Uint8Array, from: number): number {
  if (bytes.length - from < 2) return 0;
  return 2 + ((bytes[from] as number) << 8) + (bytes[from + 1] as number);
}

/** The frame with another id: a copy of its head and a view of the rest. */
export function renumbered(chunk: Uint8Array, id: number): readonly Uint8Array[] {
  const head = chunk.slice(0, 6);
  new DataView(head.buffer).setUint32(2, id);
  return chunk.length > 6 ? [head, chunk.subarray(6)] : [head];
}

/** Keys, or keys with their values, in a request's payload (views); null when they are not whole. */
export function itemsOf(operation: number, payload: Uint8Array): Uint8Array[] | null {
  const size = operation === GET ? 1 : 2;
  if (operation > SEND || payload.length % size !== 0) return null;
  const count = operation === META ? 0 : payload.length / size;
  return Array.from({ length: count }, (_, i) => payload.subarray(i * size, (i + 1) * size));
}
