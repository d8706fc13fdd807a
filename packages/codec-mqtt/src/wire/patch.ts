/** Changes to packets that keep their bytes: a copy of the head, a view of the rest. */
import { LocalProtocolError } from "@echarde/core";
import type { PublishScanner } from "./publish-scanner.ts";
import { LARGEST_VARINT, putVarint, varintSize } from "./varint.ts";

/**
 * The packet at `bytes[start, end)` with another packet id at `idAt`: a copy
 * up to and with the id, and a view of the rest if that is long. For every
 * packet type that has an id.
 */
export function withPacketId(
  bytes: Uint8Array,
  start: number,
  idAt: number,
  end: number,
  id: number,
): readonly Uint8Array[] {
  if (!(id > 0 && id <= 0xffff)) throw new LocalProtocolError("misuse", `packet id ${id}`);
  const headEnd = end - start <= onHeap ? end : idAt + 2;
  const head = copyOf(bytes, start, headEnd);
  head[idAt - start] = id >> 8;
  head[idAt - start + 1] = id & 0xff;
  return headEnd === end ? [head] : [head, bytes.subarray(headEnd, end)];
}

/**
 * A scanned MQTT 5 PUBLISH with `topic` in place of its own and without its
 * topic alias; all else, other properties and their order included, stays.
 * Null when it would be larger than any packet can be. Its size is the sum of
 * the chunks: hold it against the receiver's Maximum Packet Size.
 */
export function withTopic(
  bytes: Uint8Array,
  publish: PublishScanner,
  topic: Uint8Array,
): readonly Uint8Array[] | null {
  const { start, end, idAt, propertiesFrom, payload, aliasAt } = publish;
  const before = payload - propertiesFrom;
  const properties = aliasAt < 0 ? before : before - ALIAS_SIZE;
  const idSize = idAt < 0 ? 0 : 2;
  const lengthSize = varintSize(properties);
  const tail = end - payload;
  const remaining = 2 + topic.length + idSize + lengthSize + properties + tail;
  if (topic.length > 0xffff || remaining > LARGEST_VARINT) return null;
  const head = new Uint8Array(1 + varintSize(remaining) + remaining - tail);
  head[0] = bytes[start] as number;
  let at = putVarint(head, 1, remaining);
  head[at++] = topic.length >> 8;
  head[at++] = topic.length & 0xff;
  head.set(topic, at);
  at += topic.length;
  if (idAt >= 0) {
    head[at++] = bytes[idAt] as number;
    head[at++] = bytes[idAt + 1] as number;
  }
  at = putVarint(head, at, properties);
  if (aliasAt < 0) head.set(bytes.subarray(propertiesFrom, payload), at);
  else {
    head.set(bytes.subarray(propertiesFrom, aliasAt), at);
    head.set(bytes.subarray(aliasAt + ALIAS_SIZE, payload), at + aliasAt - propertiesFrom);
  }
  return tail === 0 ? [head] : [head, bytes.subarray(payload, end)];
}

/** Identifier and value of a topic alias. */
const ALIAS_SIZE = 3;
/** A copy; `slice` takes longer for a short one. */
function copyOf(bytes: Uint8Array, from: number, to: number): Uint8Array {
  if (to - from > onHeap) return bytes.slice(from, to);
  const copy = new Uint8Array(to - from);
  for (let i = from; i < to; i++) copy[i - from] = bytes[i] as number;
  return copy;
}

/** V8 keeps so many bytes beside the array itself: to make such a one is cheap. */
const onHeap = 64;
