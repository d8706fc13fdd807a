import { percentile } from "../percentile.ts";
import type { Load } from "../plan.ts";
import { batchOf, open, requestOf } from "./frames.ts";

/** Records at a fixed rate, each a request of its own. */
export interface KafkaTraffic {
  /** Where they are written; it must have as many partitions as there are clients. */
  readonly topic: string;
  /** Connections, which take turns, each with a partition of its own. */
  readonly clients: number;
  /** Bytes of one record's value. */
  readonly payload: number;
  /** Requests a second of all clients. */
  readonly rate: number;
}

/** Longer than a loaded machine keeps silent, shorter than patience. */
const STALL_MS = 15_000;
/** Length, correlation id, one topic of one partition: its error code stands behind the index. */
const VERSION = 7;

/**
 * Sends Produce requests (acks=1, no producer id) at their times, whatever the answers do, and waits for all
 * answers.
 *
 * @throws Error when a connection fails, a broker refuses, or no answer comes for 15 s
 */
export async function driveKafka(
  port: number,
  { topic, clients, payload, rate }: KafkaTraffic,
  operations: number,
): Promise<Load> {
  const records = batchOf(payload);
  const requests = Array.from({ length: clients }, (_, index) =>
    requestOf("Produce", VERSION, {
      ...{ transactionalId: null, acks: 1, timeoutMs: 10_000, unknown: [] },
      topicData: [{ name: topic, partitionData: [{ index, records, unknown: [] }], unknown: [] }],
    }),
  );
  const errorAt = 8 + 4 + 2 + Buffer.byteLength(topic) + 4 + 4;
  const latencies = new Float64Array(operations);
  let answered = 0;
  let sent = 0;
  let finish: () => void = () => {};
  let fail: (error: Error) => void = () => {};
  const end = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const sockets = await Promise.all(requests.map(() => open(port)));
  let timer: NodeJS.Timeout | undefined;
  let stalled: NodeJS.Timeout | undefined;
  try {
    const waiting = sockets.map((): number[] => []);
    sockets.forEach((socket, i) => {
      let got: Buffer = Buffer.alloc(0);
      socket.on("error", fail);
      socket.on("close", () => fail(new Error("a connection was closed")));
      socket.on("data", (chunk: Buffer) => {
        const now = performance.now();
        got = got.length === 0 ? chunk : Buffer.concat([got, chunk]);
        while (got.length >= 4 && got.length >= got.readInt32BE(0) + 4) {
          const code = got.readInt16BE(errorAt);
          if (code !== 0) fail(new Error(`Produce is answered with error ${code}`));
          got = got.subarray(got.readInt32BE(0) + 4);
          latencies[answered++] = now - (waiting[i]?.shift() ?? Number.NaN);
          if (answered === operations) finish();
        }
        stalled?.refresh();
      });
    });
    const start = performance.now();
    stalled = setTimeout(() => fail(new Error("no answer for 15 s")), STALL_MS);
    timer = setInterval(() => {
      const due = Math.min(operations, Math.ceil(((performance.now() - start) * rate) / 1000));
      for (; sent < due; sent++) {
        const i = sent % clients;
        waiting[i]?.push(performance.now());
        sockets[i]?.write(requests[i] as Buffer);
      }
    }, 1);
    await end;
    const seconds = (performance.now() - start) / 1000;
    latencies.sort();
    const [p50Ms, p99Ms] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
    return { operations, seconds, p50Ms, p99Ms };
  } finally {
    clearInterval(timer);
    clearTimeout(stalled);
    for (const socket of sockets) socket.removeAllListeners("close").destroy();
  }
}
