import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort } from "./free-port.ts";
import { type Supervised, supervise } from "./supervisor.ts";

/** A Kafka cluster of one node of our own, empty. */
export interface KafkaServer {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Ends it; its data go. */
  end(): Promise<void>;
}

/** Folder with the jars of a Kafka release, null when they were not fetched. */
export function findKafka(): string | null {
  const folder = join(process.cwd(), ".cache", "kafka", release);
  return existsSync(folder) && readdirSync(folder).length > 0 ? folder : null;
}

/** What to tell somebody who has no Kafka. */
export const howToGetKafka: string = [
  "No Kafka was found; two brokers are to stand behind the router.",
  "They need Java 17 or newer, and Maven to fetch them once (50 MB):",
  "apt-get install openjdk-17-jre-headless maven | brew install openjdk@17 maven",
].join("\n");

/** Starts a broker on a free port and waits until it knows itself. Rejects with the end of its log when it does not. */
export async function startKafka(java: string, jars: string): Promise<KafkaServer> {
  const classPath = join(jars, "*");
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const dir = mkdtempSync(join(tmpdir(), "echarde-kafka-"));
    const file = join(dir, "kafka.properties");
    writeFileSync(file, propertiesOf(port, await freePort(), dir));
    const id = `A${randomBytes(16).toString("base64url").slice(1)}`;
    const format = ["kafka.tools.StorageTool", "format", "-t", id, "-c", file];
    await promisify(execFile)(java, ["-Xmx96m", "-cp", classPath, ...format]);
    const heap = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
    const server = supervise(dir, java, [...heap, "-cp", classPath, "kafka.Kafka", file]);
    if (await answers(port, server)) return { port, end: () => server.end() };
    const log = logOf(dir);
    await server.end();
    // Another process may have taken a port since it was found free.
    if (attempt === attempts) throw new Error(`Kafka did not start:\n${log}`);
  }
}

const release = "3.9.1";
const attempts = 2;
const startTimeout = 60_000;

function propertiesOf(port: number, controller: number, dir: string): string {
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controller}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=4194304
log.dirs=${join(dir, "data")}
`;
}

async function answers(port: number, server: Supervised): Promise<boolean> {
  const by = performance.now() + startTimeout;
  while (!server.ended && performance.now() < by) {
    if (await knowsItself(port)) return !server.ended;
    await sleep(50);
  }
  return false;
}

/** An open port is not readiness: its metadata must name a broker. */
function knowsItself(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, () => done(false));
    // Metadata, version 1, correlation id 0, no client id, no topics.
    socket.once("connect", () => socket.write("0000000e0003000100000000ffff00000000", "hex"));
    socket.once("data", (chunk: Buffer) => done(chunk.length >= 12 && chunk.readInt32BE(8) > 0));
    socket.once("error", () => done(false));
    socket.once("close", () => done(false));
  });
}

function logOf(dir: string): string {
  try {
    return readFileSync(join(dir, "log"), "utf8").slice(-2_000);
  } catch {
    return "(no log)";
  }
}
