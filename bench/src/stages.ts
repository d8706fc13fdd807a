import { Session } from "node:inspector/promises";
import type { MicroLoop } from "./micro.ts";

/** Where the time of one request goes, without sockets. */
export interface StageResult {
  /** What was called. */
  readonly name: string;
  /** Nanoseconds of one call by stage, of all samples of the profile. */
  readonly stages: Readonly<Record<string, number>>;
}

/** Which stage a file belongs to: the first pattern that fits. */
export type StageFiles = readonly (readonly [stage: string, files: RegExp])[];

const INTERVAL_US = 100;

/**
 * Samples a loop with the CPU profiler of V8 and adds the samples up by the file that they are in.
 * Functions that were inlined count for their own file.
 *
 * @param seconds - how long
 */
export async function measureStages(
  name: string,
  loop: MicroLoop,
  files: StageFiles,
  seconds: number,
): Promise<StageResult> {
  let iterations = 1024;
  while (timed(loop, iterations) < 100) iterations *= 2;
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: INTERVAL_US });
  await session.post("Profiler.start");
  let calls = 0;
  let took = 0;
  while (took < seconds * 1000) {
    took += timed(loop, iterations);
    calls += iterations;
  }
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  const hits = new Map<string, number>();
  let all = 0;
  for (const { callFrame, hitCount = 0 } of profile.nodes) {
    if (callFrame.functionName === "(idle)" || callFrame.functionName === "(root)") continue;
    const where = callFrame.url === "" ? callFrame.functionName : callFrame.url;
    const stage = files.find(([, pattern]) => pattern.test(where))?.[0] ?? "other";
    hits.set(stage, (hits.get(stage) ?? 0) + hitCount);
    all += hitCount;
  }
  const ns = (took * 1e6) / calls;
  const order = [...new Set(files.map(([stage]) => stage)), "other"];
  const stages: Record<string, number> = {};
  for (const stage of order) stages[stage] = ((hits.get(stage) ?? 0) / Math.max(1, all)) * ns;
  return { name, stages };
}

function timed(loop: MicroLoop, iterations: number): number {
  const start = performance.now();
  loop(iterations);
  return performance.now() - start;
}
