import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { available, type RunningProgram, startRedis } from "@echarde/testkit/servers";
import { startGenerator } from "../generator.ts";
import type { Bench, BenchPlan, Subject, Wanted } from "../plan.ts";
import { fill } from "./load.ts";
import { type RedisSize, usualSize } from "./size.ts";
import { redisSubjects } from "./subjects.ts";
import { PAYLOAD, redisWorkloads, workloadsOf } from "./workloads.ts";

const names = Object.keys(redisSubjects);

/** SET, GET, MGET and MSET as fast as they go, GET at a fixed rate; and what grows with shards, routes and clients. */
export const redisPlan: BenchPlan = {
  protocol: "redis",
  subjects: names,
  usual: names.filter((name) => redisSubjects[name]?.asked === false),
  workloads: redisWorkloads,
  series: { shards: [3, 64], routes: [10, 100_000], clients: [50, 5_000] },
  baselines: ["twemproxy", "envoy", "pipe"],
  open,
};

async function open({ subjects: wanted, workloads, point }: Wanted): Promise<Bench> {
  const size: RedisSize = {
    ...usualSize,
    ...(point === null ? {} : { [point.series]: point.value }),
  };
  const running: { stop(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(running.map((program) => program.stop()));
  };
  try {
    const generator = startGenerator();
    running.push({ stop: () => generator.close() });
    const single = await started(running);
    const shards: RunningProgram[] = [];
    while (shards.length < size.shards) shards.push(await started(running));
    const subjects: Subject[] = [];
    const missing: { name: string; reason: string }[] = [];
    const versions = versionsOf(["redis-server", "nutcracker", "envoy"]);
    for (const name of wanted) {
      const subject = redisSubjects[name];
      const reason = subject?.obstacle() ?? null;
      if (subject === undefined || reason !== null) {
        missing.push({ name, reason: reason ?? "unknown" });
        continue;
      }
      const proxy = await subject.start({ single, shards }, size.routes);
      if (proxy !== null) running.push(proxy);
      if (subject.version !== undefined) versions[name] = subject.version();
      const port = (proxy ?? single).port;
      await fill(port, PAYLOAD);
      subjects.push({
        name,
        port,
        pids: proxy === null ? [] : [proxy.pid, ...(await childrenOf(proxy.pid, subject.workers))],
        serverPids: (subject.sharded ? shards : [single]).map(({ pid }) => pid),
      });
    }
    const traffic = workloadsOf(workloads, size.clients, generator);
    return { subjects, missing, workloads: traffic, versions, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function started(running: { stop(): Promise<void> }[]): Promise<RunningProgram> {
  const server = await startRedis();
  running.push(server);
  return server;
}

/** Ids of the processes that a process has started, once there are so many. */
async function childrenOf(pid: number, count: number): Promise<number[]> {
  if (count === 0 || process.platform !== "linux") return [];
  for (let attempt = 0; attempt < 500; attempt++) {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim();
    const children = text === "" ? [] : text.split(" ").map(Number);
    if (children.length >= count) return children;
    await sleep(20);
  }
  throw new Error(`process ${pid} has not started ${count} workers in 10 s`);
}

/** Versions of the programs among these that are installed. */
export function versionsOf(programs: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of programs) {
    const program = available(name);
    if (program === null) continue;
    const text = execFileSync("/bin/sh", ["-c", '"$0" --version 2>&1', program]).toString();
    found[name] = /\d+\.\d+\.\d+/.exec(text)?.[0] ?? "unknown";
  }
  return found;
}
