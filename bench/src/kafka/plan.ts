import {
  freePort,
  type KafkaServer,
  type RunningProgram,
  skipWithoutKafka,
  startKafka,
} from "@echarde/testkit/servers";
import { type Generator, startGenerator } from "../generator.ts";
import type { Bench, BenchPlan, Subject, Wanted, Workload } from "../plan.ts";
import type { KafkaTraffic } from "./drive.ts";
import { ask } from "./frames.ts";
import { kafkaSubjects, pipedProperties } from "./subjects.ts";
import { type Batching, consume, produce, RECORD } from "./tools.ts";

const RATE = 1000;
const CLIENTS = 4;
/** Records of the topic that is read: 200 MB, seconds for the fastest. */
const STORED = 200_000;
/** Records of a run that writes at least: fewer would measure how a producer begins. */
const LEAST = 50_000;
const WRITTEN = "bench-written";
const READ = "bench-read";
const RATED = "bench-rated";

const batchings: Readonly<Record<string, Batching>> = {
  default: { bytes: 16_384, lingerMs: 0 },
  large: { bytes: 262_144, lingerMs: 10 },
};

/** The Java client's performance tools, and single records at a fixed rate. */
export const kafkaPlan: BenchPlan = {
  protocol: "kafka",
  subjects: Object.keys(kafkaSubjects),
  workloads: ["produce default", "produce large", "consume", "rate"],
  baselines: ["direct", "pipe"],
  open,
};

async function open({ subjects: names, workloads: wanted }: Wanted): Promise<Bench> {
  const obstacle = skipWithoutKafka();
  if (obstacle !== false) throw new Error(obstacle);
  const running: RunningProgram[] = [];
  let generator: Generator | null = null;
  const close = async (): Promise<void> => {
    await generator?.close();
    await Promise.all(running.map((program) => program.stop()));
  };
  try {
    const port = await freePort();
    const { properties, ...ports } = await pipedProperties(port);
    const measured = await startKafka({ port, properties });
    running.push(measured);
    const other = await startKafka();
    running.push(other);
    await fill(measured);
    const subjects: Subject[] = [];
    const missing: { name: string; reason: string }[] = [];
    for (const name of names) {
      const subject = kafkaSubjects[name];
      const reason = subject?.obstacle() ?? null;
      if (subject === undefined || reason !== null) {
        missing.push({ name, reason: reason ?? "unknown" });
        continue;
      }
      const proxy = await subject.start({ measured, other, ...ports });
      if (proxy !== null) running.push(proxy);
      subjects.push({
        name,
        port: (proxy ?? measured).port,
        pids: proxy === null ? [] : [proxy.pid],
        serverPids: [measured.pid],
      });
    }
    generator = startGenerator();
    const workloads = workloadsOf(generator).filter(({ name }) => wanted.includes(name));
    return { subjects, missing, workloads, versions: { kafka: measured.version }, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function workloadsOf(generator: Generator): Workload[] {
  const common = { clients: 1, payload: RECORD, pipeline: 1, inBytes: true };
  const traffic: KafkaTraffic = { topic: RATED, clients: CLIENTS, payload: RECORD, rate: RATE };
  return [
    ...Object.entries(batchings).map(([name, batching]) => ({
      ...common,
      name: `produce ${name}`,
      warmUp: LEAST,
      run: (port: number, records: number) =>
        produce(port, WRITTEN, batching, Math.max(records, LEAST)),
    })),
    // as many records as there are, whatever is asked for: they cannot be read twice in a run
    { ...common, name: "consume", warmUp: STORED, run: (port) => consume(port, READ, STORED) },
    {
      ...{ name: "rate", clients: CLIENTS, payload: RECORD, pipeline: 1, warmUp: RATE },
      run: (port, operations) => generator.run({ protocol: "kafka", port, traffic, operations }),
    },
  ];
}

/** Makes the topics; what is written is soon removed, what is read is not. */
async function fill({ port }: KafkaServer): Promise<void> {
  const soon = { "segment.bytes": "33554432", "retention.bytes": "33554432" };
  const topics = [
    { name: WRITTEN, numPartitions: 1, soon },
    { name: RATED, numPartitions: CLIENTS, soon },
    { name: READ, numPartitions: 1, soon: {} },
  ].map(({ name, numPartitions, soon: limits }) => ({
    ...{ name, numPartitions, replicationFactor: 1, assignments: [], unknown: [] },
    configs: Object.entries(limits).map(([key, value]) => ({ name: key, value, unknown: [] })),
  }));
  const body = { topics, timeoutMs: 30_000, validateOnly: false, unknown: [] };
  const response = (await ask(port, "CreateTopics", 4, body)) as {
    readonly topics: readonly { readonly name: string; readonly errorCode: number }[];
  };
  for (const { name, errorCode } of response.topics) {
    if (errorCode !== 0) throw new Error(`topic ${name} cannot be made: error ${errorCode}`);
  }
  await produce(port, READ, batchings["large"] as Batching, STORED);
}
