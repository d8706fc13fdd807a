import { execFileSync } from "node:child_process";
import { available, type RunningProgram, startMosquitto } from "@echarde/testkit/servers";
import { type Generator, startGenerator } from "../generator.ts";
import type { Bench, BenchPlan, Subject, Wanted, Workload } from "../plan.ts";
import type { MqttTraffic } from "./drive.ts";
import { mqttSubjects } from "./subjects.ts";

const BROKERS = 2;
const MANY = 10;
const RATE = 1000;
/** Messages on their way from each publisher where no rate is given. */
const FAN_IN_WINDOW = 16;
const FAN_OUT_WINDOW = 64;

/** Fan-in and fan-out at QoS 0 and 1, 64 B and 1 KiB: as fast as it goes, and at a fixed rate. */
export const mqttPlan: BenchPlan = {
  protocol: "mqtt",
  subjects: Object.keys(mqttSubjects),
  baselines: ["direct", "pipe"],
  open,
};

async function open({ subjects: names }: Wanted): Promise<Bench> {
  const running: RunningProgram[] = [];
  let generator: Generator | null = null;
  const close = async (): Promise<void> => {
    await generator?.close();
    await Promise.all(running.map((program) => program.stop()));
  };
  try {
    const brokers = await Promise.all(Array.from({ length: 1 + BROKERS }, () => startMosquitto()));
    running.push(...brokers);
    const [single, ...behind] = brokers as [RunningProgram, ...RunningProgram[]];
    const subjects: Subject[] = [];
    const missing: { name: string; reason: string }[] = [];
    for (const name of names) {
      const subject = mqttSubjects[name];
      const reason = subject?.obstacle() ?? null;
      if (subject === undefined || reason !== null) {
        missing.push({ name, reason: reason ?? "unknown" });
        continue;
      }
      const proxy = await subject.start({ single, behind });
      if (proxy !== null) running.push(proxy);
      subjects.push({
        name,
        port: (proxy ?? single).port,
        pids: proxy === null ? [] : [proxy.pid],
        serverPids: (subject.sharded ? behind : [single]).map(({ pid }) => pid),
      });
    }
    generator = startGenerator();
    return { subjects, missing, workloads: workloads(generator), versions: versions(), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function workloads(generator: Generator): Workload[] {
  const all: Workload[] = [];
  for (const rate of [null, RATE]) {
    for (const qos of [0, 1] as const) {
      for (const payload of [64, 1024]) {
        const fanIn = { publishers: MANY, subscribers: 1, window: FAN_IN_WINDOW };
        const fanOut = { publishers: 1, subscribers: MANY, window: FAN_OUT_WINDOW };
        all.push(workload(generator, "fan-in", { ...fanIn, qos, payload, rate }));
        if (rate === null) {
          all.push(workload(generator, "fan-out", { ...fanOut, qos, payload, rate }));
        }
      }
    }
  }
  return all;
}

function workload(generator: Generator, shape: string, traffic: MqttTraffic): Workload {
  const { qos, rate, publishers, subscribers, payload, window } = traffic;
  return {
    name: `${shape} qos${qos}${rate === null ? "" : ` at ${rate}/s`}`,
    pipeline: rate === null ? window : 1,
    clients: publishers + subscribers,
    payload,
    warmUp: rate ?? 30_000,
    run: (port, operations) => generator.run({ protocol: "mqtt", port, traffic, operations }),
  };
}

function versions(): Record<string, string> {
  const program = available("mosquitto");
  if (program === null) return {};
  // it ends with status 3 after -h
  const text = execFileSync("/bin/sh", ["-c", '"$0" -h 2>&1 || true', program]).toString();
  return { mosquitto: /\d+\.\d+\.\d+/.exec(text)?.[0] ?? "unknown" };
}
