import { mqtt } from "@echarde/codec-mqtt";
import { createRouter, type Effects, type Peer, type Router } from "@echarde/core";
import type { Micro, MicroLoop } from "../micro.ts";
import { connectPacket, packetReader, publishTemplate } from "./packets.ts";

const NOW = 1_700_000_000_000;
/** Messages of one chunk, as a socket gives them under load. */
const PIPELINE = 64;
const PAYLOAD = 64;

/** What one message costs without sockets: in, routed by its topic, out; at QoS 1 its acknowledgement as well. */
export const mqttMicro: readonly Micro[] = [
  {
    name: `core + codec-mqtt: PUBLISH of ${PAYLOAD} B from the client, QoS 0, ${PIPELINE} a chunk`,
    open: () => upward(0),
  },
  {
    name: `core + codec-mqtt: PUBLISH of ${PAYLOAD} B from the client and PUBACK, QoS 1, ${PIPELINE} a chunk`,
    open: () => upward(1),
  },
  {
    name: `core + codec-mqtt: PUBLISH of ${PAYLOAD} B to the client, QoS 0, ${PIPELINE} a chunk`,
    open: () => downward(0),
  },
  {
    name: `core + codec-mqtt: PUBLISH of ${PAYLOAD} B to the client and PUBACK, QoS 1, ${PIPELINE} a chunk`,
    open: () => downward(1),
  },
];

/** A client with a session over two brokers, and its links. */
interface Standing {
  readonly router: Router;
  readonly client: Peer;
  readonly links: readonly Peer[];
}

function standing(): Standing {
  const endpoints = ["127.0.0.1:1"];
  const router = createRouter({
    codec: mqtt({ seed: "bench" }),
    table: {
      protocol: "mqtt",
      defaultCluster: "m1",
      clusters: { m1: { endpoints }, m2: { endpoints } },
      routes: [{ filter: "bench/#", hash: "rendezvous", over: ["m1", "m2"] }],
    },
  });
  const client = router.open(NOW);
  const links: Peer[] = [];
  const pending: Effects[] = [router.bytes(client, connectPacket("bench"), NOW)];
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    for (const { peer, open, write } of next) {
      if (open !== null) pending.push(router.opened(peer, NOW));
      if (peer.kind !== "link" || write.length === 0) continue;
      links.push(peer);
      pending.push(router.bytes(peer, Buffer.from([0x20, 2, 0, 0]), NOW));
    }
  }
  if (links.length !== 2) throw new Error(`${links.length} links`);
  return { router, client, links };
}

function upward(qos: 0 | 1): MicroLoop {
  const { router, client } = standing();
  const chunk = plain(Array.from({ length: PIPELINE }, (_, i) => message(i, qos)));
  // What each broker answers is the same every time.
  const answers = new Map<Peer, Uint8Array>();
  let expected = 0;
  for (const { peer, write } of router.bytes(client, chunk, NOW)) {
    if (peer.kind !== "link") continue;
    expected += sizeOf(write);
    const answer = acknowledgements(plain(write));
    if (qos === 1) {
      answers.set(peer, answer);
      router.bytes(peer, answer, NOW);
    }
  }
  if (expected !== chunk.length) throw new Error(`${expected} bytes of ${chunk.length}`);
  return (iterations) => {
    let sent = 0;
    let answered = 0;
    let turns = 0;
    for (let done = 0; done < iterations; done += PIPELINE) {
      turns++;
      for (const { peer, write } of router.bytes(client, chunk, NOW)) {
        if (peer.kind !== "link") continue;
        sent += sizeOf(write);
        const answer = answers.get(peer);
        if (answer === undefined) continue;
        for (const back of router.bytes(peer, answer, NOW)) answered += sizeOf(back.write);
      }
    }
    const wanted = qos * turns * PIPELINE * 4;
    if (sent !== turns * expected || answered !== wanted) {
      throw new Error(`${sent} and ${answered} bytes for ${turns} chunks`);
    }
  };
}

function downward(qos: 0 | 1): MicroLoop {
  const { router, client, links } = standing();
  const topics = Array.from({ length: PIPELINE }, (_, i) => message(i, qos));
  // Only what a broker owns is delivered: who owns what, the way up says.
  const owned = new Map<Peer, Uint8Array>();
  for (const { peer, write } of router.bytes(client, plain(topics), NOW)) {
    if (peer.kind === "link") owned.set(peer, plain(write));
    if (peer.kind === "link" && qos === 1) {
      router.bytes(peer, acknowledgements(plain(write)), NOW);
    }
  }
  const size = topics.reduce((sum, { length }) => sum + length, 0);
  const acks = new Map([...owned].map(([link, chunk]) => [link, acknowledgements(chunk)]));
  let id = 0;
  return (iterations) => {
    let received = 0;
    let acknowledged = 0;
    let turns = 0;
    for (let done = 0; done < iterations; done += PIPELINE) {
      turns++;
      for (const link of links) {
        const chunk = owned.get(link);
        if (chunk === undefined) continue;
        for (const { peer, write } of router.bytes(link, chunk, NOW)) {
          if (peer.kind === "client") received += sizeOf(write);
        }
        if (qos === 0) continue;
        // The client's ids go up by one with each message.
        const ack = acks.get(link) as Uint8Array;
        for (let at = 2; at < ack.length; at += 4) {
          id = (id % 0xffff) + 1;
          ack[at] = id >> 8;
          ack[at + 1] = id & 0xff;
        }
        for (const { write } of router.bytes(client, ack, NOW)) acknowledged += sizeOf(write);
      }
    }
    if (received !== turns * size || acknowledged !== qos * turns * PIPELINE * 4) {
      throw new Error(`${received} and ${acknowledged} bytes for ${turns} chunks`);
    }
  };
}

function message(i: number, qos: 0 | 1): Buffer {
  const { bytes, idAt } = publishTemplate(`bench/device-${i}/t`, qos, PAYLOAD);
  if (idAt >= 0) bytes.writeUInt16BE(i + 1, idAt);
  return bytes;
}

/** A PUBACK for each message of QoS 1. */
function acknowledgements(messages: Uint8Array): Uint8Array {
  const acks: Buffer[] = [];
  const read = packetReader((bytes, first, at) => {
    if (first >> 1 !== 0x19) return; // PUBLISH, QoS 1
    const idAt = at + 2 + bytes.readUInt16BE(at);
    acks.push(Buffer.from([0x40, 2, bytes[idAt] as number, bytes[idAt + 1] as number]));
  });
  read(Buffer.from(messages));
  return plain(acks);
}

function sizeOf(chunks: readonly Uint8Array[]): number {
  let sum = 0;
  for (const { length } of chunks) sum += length;
  return sum;
}

/** What hosts give: not a Buffer, whose views cost more. */
function plain(chunks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks));
}
