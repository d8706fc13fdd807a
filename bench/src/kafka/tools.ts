/** The Java client's own performance tools. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { available, kafkaJars } from "@echarde/testkit/servers";
import type { Load } from "../plan.ts";

/** Bytes of a record's value. */
export const RECORD = 1024;

/** How the Java producer makes its batches. */
export interface Batching {
  /** `batch.size`. */
  readonly bytes: number;
  /** `linger.ms`. */
  readonly lingerMs: number;
}

/** Writes records as fast as it goes; the producer is idempotent, as it is unless told otherwise. */
export async function produce(
  port: number,
  topic: string,
  { bytes, lingerMs }: Batching,
  records: number,
): Promise<Load> {
  const output = await runTool(
    "org.apache.kafka.tools.ProducerPerformance",
    ...["--topic", topic, "--num-records", String(records), "--record-size", String(RECORD)],
    ...["--throughput", "-1", "--producer-props", `bootstrap.servers=127.0.0.1:${port}`],
    ...[`batch.size=${bytes}`, `linger.ms=${lingerMs}`],
  );
  return parseProducer(output, records);
}

/** Reads so many records of a topic from its beginning, in a group of its own. */
export async function consume(port: number, topic: string, records: number): Promise<Load> {
  const output = await runTool(
    "org.apache.kafka.tools.ConsumerPerformance",
    ...["--bootstrap-server", `127.0.0.1:${port}`, "--topic", topic],
    ...["--messages", String(records), "--timeout", "60000", "--hide-header"],
  );
  return parseConsumer(output, records);
}

/**
 * The figures of the producer's tool: its last line.
 *
 * @throws Error when they are not there, or records are missing
 */
export function parseProducer(output: string, records: number): Load {
  const line = output.trim().split("\n").at(-1) ?? "";
  const found =
    /^(\d+) records sent, ([\d.]+) records\/sec .* (\d+) ms 50th, \d+ ms 95th, (\d+) ms 99th/.exec(
      line,
    );
  if (found === null || Number(found[1]) !== records)
    throw new Error(`the producer said ${output}`);
  const [, , rate, p50, p99] = found.map(Number) as [0, 0, number, number, number];
  return { operations: records, seconds: records / rate, p50Ms: p50, p99Ms: p99 };
}

/**
 * The figures of the consumer's tool, without the time of its rebalance. It knows no latencies.
 *
 * @throws Error when they are not there, or records are missing
 */
export function parseConsumer(output: string, records: number): Load {
  const fields = (output.trim().split("\n").at(-1) ?? "").split(", ");
  const operations = Number(fields[4]);
  const seconds = Number(fields[7]) / 1000;
  if (!(operations >= records && seconds > 0)) throw new Error(`the consumer said ${output}`);
  return { operations, seconds, p50Ms: Number.NaN, p99Ms: Number.NaN };
}

/** Its standard output. */
async function runTool(name: string, ...args: readonly string[]): Promise<string> {
  const java = available("java");
  if (java === null) throw new Error("java is not installed");
  const { stdout } = await promisify(execFile)(
    java,
    [
      ...["-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"],
      ...["-cp", join(kafkaJars("3.9.1"), "*"), name, ...args],
    ],
    { timeout: 300_000, maxBuffer: 16 << 20 },
  );
  return stdout;
}
