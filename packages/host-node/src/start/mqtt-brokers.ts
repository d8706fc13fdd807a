import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findProgram } from "./find-program.ts";
import { freePort } from "./free-port.ts";
import { type Supervised, supervise } from "./supervisor.ts";

/** A broker of our own, empty and without persistence. */
export interface MqttBroker {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Ends it; its messages go. */
  end(): Promise<void>;
}

/** What kind of brokers can be started here, in words, and how. */
export interface BrokerKind {
  /** As in "two Mosquitto brokers". */
  readonly name: string;
  /** Starts one and waits until it can be connected to. */
  start(): Promise<MqttBroker>;
}

/** Mosquitto when it is installed, else brokers in this process. */
export function brokerKind(): BrokerKind {
  const program = findProgram("mosquitto");
  return program === null
    ? { name: "embedded (Mosquitto is not installed)", start: startEmbedded }
    : { name: "Mosquitto", start: () => startMosquitto(program) };
}

async function startMosquitto(program: string): Promise<MqttBroker> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const dir = mkdtempSync(join(tmpdir(), "echarde-mosquitto-"));
    const file = join(dir, "mosquitto.conf");
    // Root would become somebody who cannot write here; others are not asked.
    const lines = [`listener ${port} 127.0.0.1`, "allow_anonymous true", "user root"];
    writeFileSync(file, `${lines.join("\n")}\n`);
    const broker = supervise(dir, program, ["-c", file]);
    if (await accepts(port, broker)) return { port, end: () => broker.end() };
    const log = logOf(dir);
    await broker.end();
    // Another process may have taken the port since it was found free.
    if (attempt === attempts) throw new Error(`mosquitto did not start:\n${log}`);
  }
}

async function startEmbedded(): Promise<MqttBroker> {
  const { Aedes } = await import("aedes");
  const broker = await Aedes.createBroker();
  const server = createServer(broker.handle);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    end: async () => {
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function accepts(port: number, broker: Supervised): Promise<boolean> {
  const by = performance.now() + startTimeout;
  while (!broker.ended && performance.now() < by) {
    if (await canConnect(port)) return !broker.ended;
    await sleep(20);
  }
  return false;
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => done(true));
    socket.once("error", () => done(false));
  });
}

function logOf(dir: string): string {
  try {
    return readFileSync(join(dir, "log"), "utf8").slice(-2_000);
  } catch {
    return "(no log)";
  }
}

const attempts = 3;
const startTimeout = 10_000;
