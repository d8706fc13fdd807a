import { execFileSync } from "node:child_process";
import { available, type RunningProgram, startRedis } from "@echarde/testkit/servers";
import type { Bench, BenchPlan, Subject } from "../plan.ts";
import { fill, redisBenchmark } from "./load.ts";
import { redisSubjects } from "./subjects.ts";

const SHARDS = 3;
const CLIENTS = 50;
const PAYLOAD = 1024;

/** SET and GET of 1 KiB from 50 clients, without a pipeline and with one of 16. */
export const redisPlan: BenchPlan = {
  protocol: "redis",
  subjects: Object.keys(redisSubjects),
  baselines: ["twemproxy", "pipe"],
  open,
};

async function open(names: readonly string[]): Promise<Bench> {
  const running: RunningProgram[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(running.map((program) => program.stop()));
  };
  try {
    const servers = await Promise.all(Array.from({ length: 1 + SHARDS }, () => startRedis()));
    running.push(...servers);
    const [single, ...shards] = servers as [RunningProgram, ...RunningProgram[]];
    const subjects: Subject[] = [];
    const missing: { name: string; reason: string }[] = [];
    for (const name of names) {
      const subject = redisSubjects[name];
      const reason = subject?.obstacle() ?? null;
      if (subject === undefined || reason !== null) {
        missing.push({ name, reason: reason ?? "unknown" });
        continue;
      }
      const proxy = await subject.start({ single, shards });
      if (proxy !== null) running.push(proxy);
      const port = (proxy ?? single).port;
      await fill(port, PAYLOAD);
      subjects.push({
        name,
        port,
        pids: proxy === null ? [] : [proxy.pid],
        serverPids: (subject.sharded ? shards : [single]).map(({ pid }) => pid),
      });
    }
    const workloads = [1, 16].flatMap((pipeline) =>
      (["set", "get"] as const).map((name) =>
        redisBenchmark({ name, pipeline, clients: CLIENTS, payload: PAYLOAD }),
      ),
    );
    return { subjects, missing, workloads, versions: versions(), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function versions(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of ["redis-server", "nutcracker"]) {
    const program = available(name);
    if (program === null) continue;
    const text = execFileSync("/bin/sh", ["-c", '"$0" --version 2>&1', program]).toString();
    found[name] = /\d+\.\d+\.\d+/.exec(text)?.[0] ?? "unknown";
  }
  return found;
}
