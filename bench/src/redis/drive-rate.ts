import { connect, type Socket } from "node:net";
import { percentile } from "../percentile.ts";
import type { Load } from "../plan.ts";
import { keyName } from "./keys.ts";

/** Requests at a fixed rate, for latency without queues. */
export interface RateTraffic {
  /** What is asked; `get` unless given. */
  readonly command?: "get" | "set";
  /** Connections, which take turns. */
  readonly clients: number;
  /** Bytes of one value. */
  readonly payload: number;
  /** Requests a second of all clients. */
  readonly rate: number;
}

/** Longer than a loaded machine keeps silent, shorter than patience. */
const STALL_MS = 15_000;

/**
 * Sends requests at their times, whatever the answers do, and waits for all answers. Latency is from
 * the moment at which a request is written to its last byte; requests that are late because this
 * process was not woken go at once.
 *
 * @throws Error when a connection fails, an answer is not what it must be, or none comes for 15 s
 */
export async function driveRate(
  port: number,
  { command = "get", clients, payload, rate }: RateTraffic,
  operations: number,
): Promise<Load> {
  const answer = command === "get" ? `$${payload}\r\n`.length + payload + 2 : "+OK\r\n".length;
  const first = command === "get" ? 36 : 43; // $ or +
  const value = `$${payload}\r\n${"x".repeat(payload)}\r\n`;
  const latencies = new Float64Array(operations);
  let answered = 0;
  let sent = 0;
  let finish: () => void = () => {};
  let fail: (error: Error) => void = () => {};
  const end = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const sockets = await Promise.all(Array.from({ length: clients }, () => open(port)));
  let timer: NodeJS.Timeout | undefined;
  let stalled: NodeJS.Timeout | undefined;
  try {
    const waiting = sockets.map((): number[] => []);
    sockets.forEach((socket, i) => {
      let got = 0;
      socket.on("error", fail);
      socket.on("close", () => fail(new Error("a connection was closed")));
      socket.on("data", (chunk: Buffer) => {
        const now = performance.now();
        if (got === 0 && chunk[0] !== first) fail(new Error(`answered ${chunk.subarray(0, 80)}`));
        for (got += chunk.length; got >= answer; got -= answer) {
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
        const key = keyName(sent);
        waiting[i]?.push(performance.now());
        sockets[i]?.write(
          command === "get"
            ? `*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`
            : `*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n${value}`,
        );
      }
    }, 1);
    await end;
    const seconds = (performance.now() - start) / 1000;
    latencies.sort();
    return {
      operations,
      seconds,
      p50Ms: percentile(latencies, 0.5),
      p99Ms: percentile(latencies, 0.99),
    };
  } finally {
    clearInterval(timer);
    clearTimeout(stalled);
    for (const socket of sockets) socket.removeAllListeners("close").destroy();
  }
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}
