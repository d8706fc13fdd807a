import { connect, type Socket } from "node:net";
import { percentile } from "../percentile.ts";
import type { Load } from "../plan.ts";
import {
  connectPacket,
  disconnectPacket,
  packetReader,
  publishTemplate,
  subscribePacket,
} from "./packets.ts";

/** What a workload of messages is made of. */
export interface MqttTraffic {
  /** Clients that publish, each to a topic of its own, or to ten in turn if it is alone. */
  readonly publishers: number;
  /** Clients that get every message. */
  readonly subscribers: number;
  /** Of publishing and of subscribing. */
  readonly qos: 0 | 1;
  /** Bytes of one message, 16 or more. */
  readonly payload: number;
  /** Messages of one publisher that have not arrived everywhere; no bound when a rate is given. */
  readonly window: number;
  /** Messages a second of all publishers, or null for as many as the window allows. */
  readonly rate: number | null;
}

/** Longer than a loaded machine keeps silent, shorter than patience. */
const STALL_MS = 15_000;
const TOPICS = 10;

/**
 * Sends messages and waits until all have arrived. An operation is a delivery: a message to ten
 * subscribers is ten. Latency is from the write of the message to its arrival, on one clock.
 *
 * @param operations - deliveries, rounded up to whole messages
 * @throws Error when a connection fails or nothing arrives for 15 s (a message was lost)
 */
export async function driveMqtt(
  port: number,
  traffic: MqttTraffic,
  operations: number,
): Promise<Load> {
  const { publishers, subscribers, qos, payload, window, rate } = traffic;
  const messages = Math.ceil(operations / subscribers);
  const latencies = new Float64Array(messages * subscribers);
  const sent = new Uint32Array(publishers);
  const acknowledged = new Uint32Array(publishers);
  const delivered = new Uint32Array(publishers);
  let written = 0;
  let arrived = 0;
  let finished = 0;
  let fail: (error: Error) => void = () => {};
  let done: () => void = () => {};
  const end = new Promise<void>((resolve, reject) => {
    done = resolve;
    fail = reject;
  });
  end.catch(() => {});
  const sockets: Socket[] = [];

  const subscriber = async (): Promise<void> => {
    let acks: Buffer[] = [];
    let answered: () => void = () => {};
    const read = packetReader((bytes, first, at, packetEnd) => {
      if (first >> 4 !== 3) {
        if (first === 0x20 && bytes[at + 1] !== 0) fail(new Error("CONNECT was refused"));
        if (first === 0x90 && (bytes[at + 2] ?? 0x80) > 1) fail(new Error("SUBSCRIBE was refused"));
        answered();
        return;
      }
      const now = performance.now();
      const idAt = at + 2 + bytes.readUInt16BE(at);
      if ((first & 6) !== 0) {
        acks.push(Buffer.from([0x40, 2, bytes[idAt] as number, bytes[idAt + 1] as number]));
      }
      const from = packetEnd - payload;
      const publisher = bytes.readUInt16BE(from + 8);
      delivered[publisher] = (delivered[publisher] ?? 0) + 1;
      if (arrived < latencies.length) latencies[arrived] = now - bytes.readDoubleBE(from);
      arrived++;
      if (arrived === latencies.length) {
        finished = now;
        done();
      }
    });
    const socket = await open(port, sockets, fail);
    socket.on("data", (chunk: Buffer) => {
      read(chunk);
      if (acks.length > 0) socket.write(Buffer.concat(acks));
      acks = [];
      pump();
    });
    for (const packet of [connectPacket(nextName()), subscribePacket("bench/#", qos)]) {
      const answer = new Promise<void>((resolve) => {
        answered = resolve;
      });
      socket.write(packet);
      await Promise.race([answer, end]);
    }
  };

  const sinks: ((count: number) => void)[] = [];
  const publisher = async (index: number): Promise<void> => {
    const topics = Array.from({ length: publishers === 1 ? TOPICS : 1 }, (_, i) =>
      publishTemplate(`bench/${publishers === 1 ? i : index}`, qos, payload),
    );
    const length = (topics[0] as { bytes: Buffer }).bytes.length;
    const socket = await open(port, sockets, fail);
    await new Promise<void>((resolve, reject) => {
      end.catch(reject);
      const read = packetReader((bytes, first, at) => {
        if (first === 0x40) acknowledged[index] = (acknowledged[index] ?? 0) + 1;
        else if (first === 0x20 && bytes[at + 1] === 0) resolve();
        else fail(new Error(`a publisher got packet 0x${first.toString(16)}`));
      });
      socket.on("data", (chunk: Buffer) => {
        read(chunk);
        pump();
      });
      socket.write(connectPacket(nextName()));
    });
    sinks[index] = (count) => {
      const bytes = Buffer.allocUnsafe(count * length);
      const now = performance.now();
      for (let i = 0; i < count; i++) {
        const number = sent[index] as number;
        const template = topics[number % topics.length] as (typeof topics)[0];
        const at = i * length;
        template.bytes.copy(bytes, at);
        if (template.idAt >= 0) bytes.writeUInt16BE((number % 0xffff) + 1, at + template.idAt);
        bytes.writeDoubleBE(now, at + template.payloadAt);
        bytes.writeUInt16BE(index, at + template.payloadAt + 8);
        sent[index] = number + 1;
      }
      written += count;
      socket.write(bytes);
    };
  };

  let running = false;
  const pump = (): void => {
    if (!running || rate !== null) return;
    for (let i = 0; i < publishers && written < messages; i++) {
      const everywhere = Math.floor((delivered[i] as number) / subscribers);
      const through = qos === 0 ? everywhere : Math.min(everywhere, acknowledged[i] as number);
      const room = window - ((sent[i] as number) - through);
      // half a window at once: one write and one wake-up for many messages, as a busy client has it
      if (room * 2 >= window) sinks[i]?.(Math.min(room, messages - written));
    }
  };

  try {
    await Promise.all(Array.from({ length: subscribers }, subscriber));
    await Promise.all(Array.from({ length: publishers }, (_, i) => publisher(i)));
    const started = performance.now();
    running = true;
    pump();
    let seen = -1;
    const watch = setInterval(() => {
      if (arrived === seen) fail(new Error(`${latencies.length - arrived} deliveries are missing`));
      seen = arrived;
    }, STALL_MS);
    const clock =
      rate === null
        ? null
        : setInterval(() => {
            const due = Math.min(
              messages,
              Math.ceil(((performance.now() - started) * rate) / 1000),
            );
            while (written < due) sinks[written % publishers]?.(1);
          }, 1);
    await end.finally(() => {
      clearInterval(watch);
      if (clock !== null) clearInterval(clock);
    });
    latencies.sort();
    return {
      operations: latencies.length,
      seconds: (finished - started) / 1000,
      p50Ms: percentile(latencies, 0.5),
      p99Ms: percentile(latencies, 0.99),
    };
  } finally {
    await Promise.all(sockets.map(closed));
  }
}

let names = 0;

/** The same client id twice would end the older connection. */
function nextName(): string {
  names++;
  return `bench-${process.pid}-${names}`;
}

function open(port: number, all: Socket[], fail: (error: Error) => void): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, noDelay: true }, () => resolve(socket));
    all.push(socket);
    socket.on("error", (error) => {
      fail(error);
      reject(error);
    });
    socket.on("close", () => fail(new Error("a connection was closed")));
  });
}

function closed(socket: Socket): Promise<void> {
  if (socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    socket.once("close", resolve);
    socket.end(disconnectPacket());
  });
}
