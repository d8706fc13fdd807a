import { available, startRedis } from "@echarde/testkit/servers";
import { echardeObstacle } from "../echarde.ts";
import { startGenerator } from "../generator.ts";
import type { Bench, BenchPlan, Subject, Wanted } from "../plan.ts";
import { fill } from "../redis/load.ts";
import { versionsOf } from "../redis/plan.ts";
import { PAYLOAD } from "../redis/workloads.ts";
import { envoySubjects } from "./subjects.ts";
import { envoyWorkloads, workloadsOf } from "./workloads.ts";

const SHARDS = 3;

/** The routes of the Proxy-Wasm module beside Envoy's own proxies and the router in Node. */
export const envoyPlan: BenchPlan = {
  protocol: "envoy",
  subjects: Object.keys(envoySubjects),
  workloads: envoyWorkloads,
  baselines: ["tcp_proxy", "redis_proxy"],
  open,
};

async function open({ subjects: names, workloads }: Wanted): Promise<Bench> {
  const running: { stop(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(running.map((program) => program.stop()));
  };
  try {
    const generator = startGenerator();
    running.push({ stop: () => generator.close() });
    const [single, ...shards] = await Promise.all(
      Array.from({ length: 1 + SHARDS }, async () => {
        const server = await startRedis();
        running.push(server);
        return server;
      }),
    );
    if (single === undefined) throw new Error("no server was started");
    const subjects: Subject[] = [];
    const missing: { name: string; reason: string }[] = [];
    for (const name of names) {
      const subject = envoySubjects[name];
      const reason = obstacle(name);
      if (subject === undefined || reason !== null) {
        missing.push({ name, reason: reason ?? "unknown" });
        continue;
      }
      const { port, programs, bridged } = await subject.start({ single, shards });
      running.push(...programs);
      await fill(port, PAYLOAD);
      const pids = programs.map(({ pid }) => pid);
      subjects.push({
        ...{ name, port, pids },
        ...(bridged ? { bridgePids: pids.slice(-1) } : {}),
        serverPids: (subject.sharded ? shards : [single]).map(({ pid }) => pid),
      });
    }
    return {
      ...{ subjects, missing, close },
      workloads: workloadsOf(workloads, generator),
      versions: versionsOf(["redis-server", "envoy"]),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function obstacle(name: string): string | null {
  if (name === "direct") return null;
  if (name !== "echarde" && available("envoy") === null) return "envoy is not installed";
  return ["echarde", "frame", "grpc frame", "router"].includes(name) ? echardeObstacle() : null;
}
