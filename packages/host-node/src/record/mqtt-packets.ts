/**
 * Packets to MQTT brokers, shown with mqtt-packet. Each stands behind the
 * CONNECT of its connection, since a client's id and user may decide its routes:
 *
 * ```
 * words = CONNECT without password and will's message, packet, [bytes of payload and properties left out]
 * ```
 * Recorded are CONNECT, PUBLISH, SUBSCRIBE and UNSUBSCRIBE: the rest follows from them.
 */
import {
  type Connect,
  decodePacket,
  ERROR,
  encodePacket,
  FrameReader,
  NEED,
  type Packet,
  type Version,
} from "@echarde/codec-mqtt";
import type { Explanation, Router } from "@echarde/core";
import mqttPacket from "mqtt-packet";
import { HeldBytes } from "./held-bytes.ts";
import {
  largestPacket,
  leftOut,
  type PacketKind,
  type PacketReader,
  type Planned,
  plannedKeys,
  quoted,
  type ReaderOptions,
} from "./packets.ts";
import type { Word } from "./trace.ts";

/** See the module. */
export const mqttPackets: PacketKind = {
  reader: (options) => new MqttReader(options),
  show: ([connect, packet, left]) => {
    const shown = bytesOf(packet) === null ? [] : decoded(bytesOf(connect), bytesOf(packet));
    const line = shown.length === 0 ? "a packet that cannot be read" : shown.join(" ");
    return typeof left === "number" ? `${line} ${leftOut(left)}` : line;
  },
  plan: (words, router) => {
    const [connect, packet] = words.map(bytesOf);
    if (!connect || !packet) return null;
    const read = readPacket(packet, versionOf(connect));
    switch (read?.type) {
      case "connect":
        return { request: "CONNECT", parts: [] };
      case "publish":
        return published(connect, packet, router);
      case "subscribe":
        return filters(
          "SUBSCRIBE",
          connect,
          read.subscriptions.map(({ filter }) => filter),
          router,
        );
      case "unsubscribe":
        return filters("UNSUBSCRIBE", connect, read.filters, router);
      default:
        return null;
    }
  },
};

class MqttReader implements PacketReader {
  readonly #frames = new FrameReader("client", 0, largestPacket);
  readonly #held = new HeldBytes();
  readonly #values: boolean;
  readonly #packet: ReaderOptions["packet"];
  #connect: Uint8Array = new Uint8Array(0);

  constructor({ values, packet }: ReaderOptions) {
    this.#values = values;
    this.#packet = packet;
  }

  read(chunk: Uint8Array): boolean {
    const bytes = this.#held.add(chunk);
    if (bytes === null) return true;
    const frames = this.#frames;
    let at = 0;
    for (;;) {
      const status = frames.read(bytes, at);
      if (status === ERROR) return false;
      if (status === NEED) break;
      const packet = decodePacket(bytes, frames, frames.version || 5, "client");
      if (packet.type === "rejection") return false;
      this.#take(packet, frames.end - frames.start);
      at = frames.end;
    }
    this.#held.keep(bytes.slice(at), frames.need);
    return true;
  }

  #take(packet: Packet, length: number): void {
    if (packet.type === "connect") {
      this.#frames.version = packet.version;
      this.#connect = encodePacket(withoutSecrets(packet, false), packet.version);
    }
    const version = versionOf(this.#connect);
    const left = stripped(packet, this.#values);
    if (left === null) return;
    const bytes = encodePacket(left, version);
    const missing = length - bytes.length;
    this.#packet([this.#connect, bytes, ...(missing > 0 ? [missing] : [])]);
  }
}

/** What of a packet is recorded; null = nothing. */
function stripped(packet: Packet, values: boolean): Packet | null {
  switch (packet.type) {
    case "connect":
      return withoutSecrets(packet, values);
    case "publish":
      return values ? packet : { ...packet, properties: [], payload: nothing };
    case "subscribe":
    case "unsubscribe":
      return values ? packet : { ...packet, properties: [] };
    default:
      return null;
  }
}

/** A CONNECT with nothing that proves who somebody is. */
function withoutSecrets(connect: Connect, values: boolean): Connect {
  const will = connect.will;
  const left = will === null ? null : { ...will, properties: [], payload: nothing };
  return { ...connect, properties: [], password: null, will: values ? will : left };
}

function readPacket(bytes: Uint8Array, version: Version): Packet | null {
  const isConnect = (bytes[0] ?? 0) >> 4 === 1;
  const frames = new FrameReader("client", isConnect ? 0 : version);
  const status = frames.read(bytes, 0);
  if (status === NEED || status === ERROR || frames.end !== bytes.length) return null;
  const packet = decodePacket(bytes, frames, version, "client");
  return packet.type === "rejection" ? null : packet;
}

function published(connect: Uint8Array, packet: Uint8Array, router: Router): Planned | null {
  const found = planned(connect, packet, router);
  if (found === null) return null;
  return { request: "PUBLISH", parts: plannedKeys(found) };
}

/** Each filter by itself: it goes to every cluster that may have a topic of it. */
function filters(
  request: string,
  connect: Uint8Array,
  names: readonly string[],
  router: Router,
): Planned | null {
  const parts = [];
  for (const filter of names) {
    const subscriptions = [{ ...plain, filter }];
    const packet = { type: "subscribe", packetId: 1, properties: [], subscriptions } as const;
    const found = planned(connect, encodePacket(packet, versionOf(connect)), router);
    if (found === null) return null;
    const clusters = [...new Set(found.packets.map(({ cluster }) => cluster))];
    parts.push({ name: quoted(filter), clusters, because: "filter" });
  }
  return { request, parts };
}

function planned(connect: Uint8Array, packet: Uint8Array, router: Router): Explanation | null {
  const [, found] = router.explain(Buffer.concat([connect, packet]));
  return found === undefined || found.plan === "refuse" ? null : found;
}

/** A packet as mqtt-packet reads it. It is given whole packets alone: of others it would read on in the next one. */
function decoded(connect: Uint8Array | null, packet: Uint8Array | null): string[] {
  if (connect === null || packet === null) return [];
  if (readPacket(packet, versionOf(connect)) === null) return [];
  const lines: string[] = [];
  const parser = mqttPacket.parser({ protocolVersion: versionOf(connect) });
  parser.on("error", () => {});
  parser.on("packet", (read) => lines.push(...wordsOf(read)));
  parser.parse(Buffer.from(packet));
  return lines;
}

function wordsOf(packet: mqttPacket.Packet): string[] {
  const name = packet.cmd.toUpperCase();
  switch (packet.cmd) {
    case "connect": {
      const { clientId, username, protocolVersion, clean, will } = packet;
      return [
        ...[name, quoted(clientId), `protocol=${protocolVersion}`, `clean=${clean}`],
        ...(username === undefined ? [] : [`user=${quoted(username)}`]),
        ...(will === undefined ? [] : [`will=${quoted(will.topic)}`]),
      ];
    }
    case "publish": {
      const { topic, qos, retain, dup, payload } = packet;
      return [
        ...[name, quoted(topic), `qos=${qos}`],
        ...(retain ? ["retain"] : []),
        ...(dup ? ["dup"] : []),
        ...(payload.length > 0 ? [quoted(payload)] : []),
      ];
    }
    case "subscribe":
      return [name, ...packet.subscriptions.map(({ topic, qos }) => `${quoted(topic)} qos=${qos}`)];
    case "unsubscribe":
      return [name, ...packet.unsubscriptions.map((filter) => quoted(filter))];
    default:
      return [name];
  }
}

/** The level stands behind "MQTT". */
function versionOf(connect: Uint8Array): Version {
  const packet = readPacket(connect, 5);
  return packet?.type === "connect" ? packet.version : 5;
}

function bytesOf(word: Word | undefined): Uint8Array | null {
  return word instanceof Uint8Array ? word : null;
}

const nothing = new Uint8Array(0);
const plain = { qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
