/** Bytes from packets. Checks what the format can hold, not what a peer accepts. */
import { assertNever } from "@echarde/core";
import * as type from "./packet-types.ts";
import { PacketWriter } from "./packet-writer.ts";
import type {
  Acknowledgement,
  Auth,
  Connect,
  Disconnect,
  Packet,
  Publish,
  Subscription,
} from "./packets.ts";

/** The packet in its shortest form; memory that nobody else holds. For CONNECT its own version counts. */
export function encodePacket(packet: Packet, version: type.Version): Uint8Array {
  const writer = new PacketWriter();
  switch (packet.type) {
    case "connect":
      return encodeConnect(writer, packet);
    case "connack":
      writer.byte(packet.sessionPresent ? 1 : 0);
      writer.byte(packet.reason);
      if (version === 5) writer.properties(packet.properties);
      return writer.finish(type.CONNACK << 4);
    case "publish":
      writePublish(writer, packet, version);
      writer.raw(packet.payload);
      return writer.finish(publishFirst(packet));
    case "puback":
    case "pubrec":
    case "pubrel":
    case "pubcomp":
      writer.packetId(packet.packetId);
      if (version === 5) writeOutcome(writer, packet);
      return writer.finish(ACKNOWLEDGEMENTS[packet.type]);
    case "subscribe":
      writer.packetId(packet.packetId);
      if (version === 5) writer.properties(packet.properties);
      for (const subscription of packet.subscriptions) {
        writer.text(subscription.filter);
        writer.byte(version === 5 ? optionsOf(subscription) : subscription.qos);
      }
      return writer.finish((type.SUBSCRIBE << 4) | 2);
    case "unsubscribe":
      writer.packetId(packet.packetId);
      if (version === 5) writer.properties(packet.properties);
      for (const filter of packet.filters) writer.text(filter);
      return writer.finish((type.UNSUBSCRIBE << 4) | 2);
    case "suback":
    case "unsuback":
      writer.packetId(packet.packetId);
      if (version === 5) writer.properties(packet.properties);
      if (version === 5 || packet.type === "suback") {
        for (const reason of packet.reasons) writer.byte(reason);
      }
      return writer.finish((packet.type === "suback" ? type.SUBACK : type.UNSUBACK) << 4);
    case "pingreq":
      return writer.finish(type.PINGREQ << 4);
    case "pingresp":
      return writer.finish(type.PINGRESP << 4);
    case "disconnect":
      if (version === 5) writeOutcome(writer, packet);
      return writer.finish(type.DISCONNECT << 4);
    case "auth":
      writeOutcome(writer, packet);
      return writer.finish(type.AUTH << 4);
    default:
      return assertNever(packet);
  }
}

/** A PUBLISH up to its payload, which follows as a chunk of its own. */
export function encodePublishHead(packet: Publish, version: type.Version): Uint8Array {
  const writer = new PacketWriter();
  writePublish(writer, packet, version);
  return writer.finish(publishFirst(packet), packet.payload.length);
}

const ACKNOWLEDGEMENTS = {
  puback: type.PUBACK << 4,
  pubrec: type.PUBREC << 4,
  pubrel: (type.PUBREL << 4) | 2,
  pubcomp: type.PUBCOMP << 4,
} as const;

function publishFirst(packet: Publish): number {
  const flags = (packet.dup ? 8 : 0) | (packet.qos << 1) | (packet.retain ? 1 : 0);
  return (type.PUBLISH << 4) | flags;
}

function writePublish(writer: PacketWriter, packet: Publish, version: type.Version): void {
  writer.text(packet.topic);
  if (packet.qos > 0) writer.packetId(packet.packetId);
  if (version === 5) writer.properties(packet.properties);
}

/** `[reason, [properties]]` */
function writeOutcome(writer: PacketWriter, packet: Acknowledgement | Disconnect | Auth): void {
  const { reason, properties } = packet;
  if (reason === null && properties === null) return;
  writer.byte(reason ?? 0);
  if (properties !== null) writer.properties(properties);
}

function optionsOf(subscription: Subscription): number {
  const { qos, noLocal, retainAsPublished, retainHandling } = subscription;
  return qos | (noLocal ? 4 : 0) | (retainAsPublished ? 8 : 0) | (retainHandling << 4);
}

function encodeConnect(writer: PacketWriter, packet: Connect): Uint8Array {
  const { will, userName, password } = packet;
  writer.text("MQTT");
  writer.byte(packet.version);
  let flags = packet.cleanStart ? 2 : 0;
  if (will !== null) flags |= 4 | (will.qos << 3) | (will.retain ? 0x20 : 0);
  if (password !== null) flags |= 0x40;
  if (userName !== null) flags |= 0x80;
  writer.byte(flags);
  writer.uint16(packet.keepAlive);
  if (packet.version === 5) writer.properties(packet.properties);
  writer.text(packet.clientId);
  if (will !== null) {
    if (packet.version === 5) writer.properties(will.properties);
    writer.text(will.topic);
    writer.binary(will.payload);
  }
  if (userName !== null) writer.text(userName);
  if (password !== null) writer.binary(password);
  return writer.finish(type.CONNECT << 4);
}
