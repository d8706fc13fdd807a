/** Changes to packets that keep their bytes: a copy of the head, a view of the rest. */
import { LocalProtocolError } from "@echarde/core";
import type { PublishScanner } from "./publish-scanner.ts";
import { LARGEST_VARINT, putVarint, varintSize } from "./varint.ts";

/**
 * The packet at `bytes[start, end)` with another packet id at `idAt`: a copy
 * up to and with the id, and a view of the rest if there is one. For every
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
  const head = bytes.slice(start, idAt + 2);
  head[idAt - start] = id >> 8;
  head[idAt - start + 1] = id & 0xff;
  return idAt + 2 === end ? [head] : [head, bytes.subarray(idAt + 2, end)];
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
