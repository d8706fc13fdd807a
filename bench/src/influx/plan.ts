import { execFileSync } from "node:child_process";
import { available, type RunningProgram, startInfluxd } from "@echarde/testkit/servers";
import { type Generator, startGenerator } from "../generator.ts";
import type { Bench, BenchPlan, Subject, Wanted, Workload } from "../plan.ts";
import { DATABASE, readings } from "./data.ts";
import { type InfluxTraffic, requestsOf } from "./drive.ts";
import { connectHttp, requestOf } from "./http.ts";
import { influxSubjects } from "./subjects.ts";

const SHARDS = 3;
const CLIENTS = 10;

/** Traffic, and the operations of the first, unmeasured run. */
const traffics: readonly (InfluxTraffic & { readonly warmUp: number })[] = [
  { kind: "write", lines: 1, clients: CLIENTS, warmUp: 1500 },
  { kind: "write", lines: 100, clients: CLIENTS, warmUp: 500 },
  { kind: "write", lines: 5000, clients: CLIENTS, warmUp: 30 },
  { kind: "point", lines: 0, clients: CLIENTS, warmUp: 1000 },
  { kind: "scan", lines: 0, clients: CLIENTS, warmUp: 500 },
  { kind: "aggregate", lines: 0, clients: CLIENTS, warmUp: 300 },
];

/** Writes of 1, 100 and 5,000 lines; a point, a scan of 100 points and a mean over all hosts. */
export const influxPlan: BenchPlan = {
  protocol: "influx",
  subjects: Object.keys(influxSubjects),
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
    const servers = await Promise.all(Array.from({ length: 1 + SHARDS }, () => startInfluxd()));
    running.push(...servers);
    const [single, ...shards] = servers as [RunningProgram, ...RunningProgram[]];
    const subjects: Subject[] = [];
    const missing: { name: string; reason: string }[] = [];
    for (const name of names) {
      const subject = influxSubjects[name];
      const reason = subject?.obstacle() ?? null;
      if (subject === undefined || reason !== null) {
        missing.push({ name, reason: reason ?? "unknown" });
        continue;
      }
      const behind = subject.shards === 1 ? [single] : shards.slice(0, subject.shards);
      const proxy = await subject.start(behind);
      if (proxy !== null) running.push(proxy);
      const port = (proxy ?? single).port;
      await fill(port);
      subjects.push({
        name,
        port,
        pids: proxy === null ? [] : [proxy.pid],
        serverPids: behind.map(({ pid }) => pid),
      });
    }
    const started = startGenerator();
    generator = started;
    const workloads = traffics.map((one) => workload(started, one));
    return { subjects, missing, workloads, versions: versions(), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function workload(
  generator: Generator,
  { warmUp, ...traffic }: (typeof traffics)[number],
): Workload {
  const { kind, lines, clients } = traffic;
  return {
    name: kind === "write" ? `write ${lines} ${lines === 1 ? "line" : "lines"}` : kind,
    ...{ pipeline: 1, clients, warmUp },
    payload: requestsOf(traffic)[0]?.length ?? 0,
    ...(kind === "write" ? { batch: lines } : {}),
    run: (port, operations) => generator.run({ protocol: "influx", port, traffic, operations }),
  };
}

/** Stores what the reads ask for. */
async function fill(port: number): Promise<void> {
  const client = await connectHttp(port);
  try {
    const create = encodeURIComponent(`CREATE DATABASE ${DATABASE}`);
    const requests = [
      requestOf(`/query?q=${create}`, Buffer.alloc(0)),
      ...readings().map((lines) => requestOf(`/write?db=${DATABASE}`, lines)),
    ];
    for (const request of requests) {
      const { status, body } = await client.send(request);
      if (status > 204) throw new Error(`the data cannot be stored: ${status} ${body}`);
    }
  } finally {
    client.close();
  }
}

function versions(): Record<string, string> {
  const program = available("influxd");
  if (program === null) return {};
  const text = execFileSync(program, ["version"]).toString();
  return { influxd: /\d+\.\d+\.\d+/.exec(text)?.[0] ?? "unknown" };
}
