/** A router between clients and brokers that are played by a test: packets in, packets out, no sockets. */
import { createRouter, type Effects, type Peer, type Router } from "@echarde/core";
import { mqtt } from "../src/codec.ts";
import { decodePacket } from "../src/wire/decode.ts";
import { encodePacket } from "../src/wire/encode.ts";
import { FRAME, FrameReader } from "../src/wire/frame-reader.ts";
import type { Sender, Version } from "../src/wire/packet-types.ts";
import type { Connect, Packet } from "../src/wire/packets.ts";

/** One end of a connection to the router. */
export interface End {
  readonly peer: Peer;
  /** Name of the broker, "" for a client. */
  readonly broker: string;
  /** Packets that came, and have not been taken. */
  readonly packets: Packet[];
  /** The router has closed it. */
  ended: boolean;
}

interface Reading extends End {
  readonly reader: FrameReader;
  readonly sender: Sender;
  bytes: Uint8Array;
}

/** See the module. */
export class Wired {
  readonly router: Router;
  /** Unix milliseconds; every input is told. */
  now = 1_700_000_000_000;
  /** What a broker answers by itself; null = as {@link answerOf}. */
  answer: (broker: string, packet: Packet) => readonly Packet[] | null = () => null;
  readonly #version: Version;
  readonly #ends: Map<Peer, Reading> = new Map<Peer, Reading>();

  /** A router over the clusters a, b and c; a takes what `routes` do not name. */
  constructor(
    routes: readonly object[],
    version: Version = 5,
    options: Readonly<Record<string, unknown>> = {},
  ) {
    this.#version = version;
    const endpoints = ["127.0.0.1:1"];
    const clusters = { a: { endpoints }, b: { endpoints }, c: { endpoints } };
    this.router = createRouter({
      codec: mqtt({ seed: "wired" }),
      table: { protocol: "mqtt", defaultCluster: "a", clusters, routes, options },
    });
  }

  /** Connects a client. Its CONNACK is the first of its packets, once all brokers have answered. */
  connect(clientId: string, more: Partial<Connect> = {}): End {
    const end = this.#reading(this.router.open(this.now), "", "server");
    this.send(end, { ...introduction, version: this.#version, clientId, ...more });
    return end;
  }

  /** Sends packets from a client or broker. */
  send(end: End, ...packets: readonly Packet[]): void {
    for (const packet of packets) {
      const bytes = encodePacket(packet, this.#version);
      this.#carryOut(this.router.bytes(end.peer, bytes, this.now));
    }
  }

  /** The connection of a client or broker is gone. */
  cut(end: End): void {
    end.ended = true;
    this.#ends.delete(end.peer);
    this.#carryOut(this.router.lost(end.peer, this.now));
  }

  /** Time passes. */
  tick(milliseconds: number): void {
    this.now += milliseconds;
    this.#carryOut(this.router.tick(this.now));
  }

  /** Puts another table in force. */
  swap(table: object): void {
    this.#carryOut(this.router.swap(table, this.now));
  }

  /** The youngest link to a broker. */
  link(broker: string): End {
    const found = [...this.#ends.values()].filter((end) => end.broker === broker).at(-1);
    if (found === undefined) throw new Error(`no link to ${broker}`);
    return found;
  }

  /** Names of the brokers that there are links to. */
  get brokers(): readonly string[] {
    return [...this.#ends.values()].flatMap(({ broker }) => broker || []).sort();
  }

  #reading(peer: Peer, broker: string, sender: Sender): Reading {
    // A client's packets begin with CONNECT, which says the version.
    const reader = new FrameReader(sender, sender === "client" ? 0 : this.#version);
    const bytes = new Uint8Array(0);
    const end = { peer, broker, packets: [], ended: false, reader, sender, bytes };
    this.#ends.set(peer, end);
    return end;
  }

  #carryOut(first: Effects): void {
    const pending: Effects[] = [first];
    for (let effects = pending.shift(); effects !== undefined; effects = pending.shift()) {
      for (const { peer, open, write, end: closes } of effects) {
        if (open !== null) {
          this.#reading(peer, open.cluster, "client");
          pending.push(this.router.opened(peer, this.now));
        }
        const end = this.#ends.get(peer);
        if (end === undefined) continue;
        for (const chunk of write) this.#take(end, chunk, pending);
        if (closes === null) continue;
        end.ended = true;
        this.#ends.delete(peer);
        pending.push(this.router.lost(peer, this.now));
      }
    }
  }

  #take(end: Reading, chunk: Uint8Array, pending: Effects[]): void {
    const bytes = Uint8Array.from([...end.bytes, ...chunk]);
    const { reader, sender, broker } = end;
    let from = 0;
    while (reader.read(bytes, from) === FRAME) {
      const packet = decodePacket(bytes, reader, this.#version, sender);
      if (packet.type === "rejection") throw new Error(`the router sent ${packet.message}`);
      if (packet.type === "connect") reader.version = packet.version;
      from = reader.end;
      end.packets.push(packet);
      if (broker === "") continue;
      let closes = packet.type === "disconnect";
      for (const back of this.answer(broker, packet) ?? answerOf(packet)) {
        const answer = encodePacket(back, this.#version);
        pending.push(this.router.bytes(end.peer, answer, this.now));
        closes ||= back.type === "connack" && back.reason > 0;
      }
      if (!closes) continue;
      end.ended = true; // a broker closes then
      this.#ends.delete(end.peer);
      pending.push(this.router.lost(end.peer, this.now));
    }
    if (reader.rejection !== null) throw new Error(reader.rejection.message);
    end.bytes = bytes.slice(from);
  }
}

/** Yes to everything; acknowledgements are the test's to send. */
export function answerOf(packet: Packet): readonly Packet[] {
  const properties: readonly never[] = [];
  switch (packet.type) {
    case "connect":
      return [{ type: "connack", sessionPresent: false, reason: 0, properties }];
    case "subscribe": {
      const reasons = packet.subscriptions.map(({ qos }) => qos);
      return [{ type: "suback", packetId: packet.packetId, properties, reasons }];
    }
    case "unsubscribe": {
      const reasons = packet.filters.map(() => 0);
      return [{ type: "unsuback", packetId: packet.packetId, properties, reasons }];
    }
    case "pingreq":
      return [{ type: "pingresp" }];
    default:
      return [];
  }
}

const introduction: Connect = {
  type: "connect",
  version: 5,
  cleanStart: true,
  keepAlive: 0,
  properties: [],
  clientId: "",
  will: null,
  userName: null,
  password: null,
};
