import type { Bench, Subject, Workload } from "./plan.ts";
import { type Usage, usageOf } from "./usage.ts";

/** How much is measured. */
export interface Effort {
  /** Every subject meets every workload once a round; medians are over the rounds. */
  readonly rounds: number;
  /** About how long one of these meetings lasts. */
  readonly seconds: number;
}

/** The result for one subject under one workload: medians over the rounds. */
export interface Row {
  /** Name of the subject. */
  readonly subject: string;
  /** Name of the workload. */
  readonly workload: string;
  /** Point of the series that was measured, such as "64 shards"; "" without one. */
  readonly point: string;
  /** Requests that a client has in flight; 1 for no pipeline. */
  readonly pipeline: number;
  /** Connections at once. */
  readonly clients: number;
  /** Bytes of one value, or of one request where it is one. */
  readonly payload: number;
  /** Operations a second. */
  readonly opsPerSec: number;
  /** Items a second: operations, times what one carries. */
  readonly itemsPerSec: number;
  /** Whether operations are bytes of user data, `payload` each. */
  readonly inBytes?: boolean;
  /** Lowest and highest operations a second of a round. */
  readonly opsSpread: readonly [number, number];
  /** Median latency in milliseconds. */
  readonly p50Ms: number;
  /** 99th percentile of the latency in milliseconds. */
  readonly p99Ms: number;
  /** User and system CPU seconds of the proxy for 1,000 operations; null without a proxy. */
  readonly cpuSecPer1kOps: number | null;
  /** What of it is a bridge's; null without a bridge. */
  readonly bridgeCpuSecPer1kOps: number | null;
  /** The same of the servers behind it; null where it cannot be told. */
  readonly serverCpuSecPer1kOps: number | null;
  /** Memory of the proxy in MiB; null without a proxy. */
  readonly rssMiB: number | null;
}

interface Sample {
  readonly opsPerSec: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuSecPer1kOps: number | null;
  readonly bridgeCpuSecPer1kOps: number | null;
  readonly serverCpuSecPer1kOps: number | null;
  readonly rssMiB: number | null;
}

/** One subject under one workload. */
interface Cell {
  readonly subject: Subject;
  readonly workload: Workload;
  readonly operations: number;
  readonly samples: Sample[];
}

/** Operations of one client in a run at least: with thousands of clients their connecting would count for more than all else. */
const LEAST = 20;

/**
 * Measures all subjects under all workloads, interleaved: a slow minute of the machine hits every
 * subject, and the order of the subjects changes from round to round.
 *
 * @param say - is told what goes on
 * @param point - of a series, for the rows
 */
export async function measure(
  bench: Bench,
  effort: Effort,
  say: (line: string) => void,
  point = "",
): Promise<Row[]> {
  const cells: Cell[] = [];
  for (const workload of bench.workloads) {
    for (const subject of bench.subjects) {
      const { operations, seconds } = await workload.run(subject.port, workload.warmUp);
      const sized = Math.ceil((operations / seconds) * effort.seconds);
      const enough = Math.max(sized, workload.clients * LEAST);
      cells.push({ subject, workload, operations: enough, samples: [] });
    }
  }
  for (let round = 0; round < effort.rounds; round++) {
    say(`round ${round + 1} of ${effort.rounds}`);
    for (const workload of bench.workloads) {
      const row = cells.filter((cell) => cell.workload === workload);
      for (let i = 0; i < row.length; i++) {
        const cell = row[(i + round) % row.length] as Cell;
        cell.samples.push(await sample(cell));
      }
    }
  }
  return cells.map((cell) => rowOf(cell, point));
}

async function sample({ subject, workload, operations }: Cell): Promise<Sample> {
  const before = usageOf(subject.pids);
  const bridge = subject.bridgePids ?? [];
  const bridgeBefore = usageOf(bridge);
  const serversBefore = usageOf(subject.serverPids);
  const load = await workload.run(subject.port, operations);
  const after = usageOf(subject.pids);
  const per1k = (from: Usage | null, to: Usage | null): number | null =>
    from && to ? ((to.cpuSeconds - from.cpuSeconds) / load.operations) * 1000 : null;
  return {
    opsPerSec: load.operations / load.seconds,
    p50Ms: load.p50Ms,
    p99Ms: load.p99Ms,
    cpuSecPer1kOps: per1k(before, after),
    bridgeCpuSecPer1kOps: per1k(bridgeBefore, usageOf(bridge)),
    serverCpuSecPer1kOps: per1k(serversBefore, usageOf(subject.serverPids)),
    rssMiB: after === null ? null : after.rssMiB,
  };
}

function rowOf({ subject, workload, samples }: Cell, point: string): Row {
  const { name, pipeline, clients, payload } = workload;
  const rates = samples.map((one) => one.opsPerSec);
  return {
    subject: subject.name,
    workload: name,
    point,
    ...{ pipeline, clients, payload },
    opsPerSec: median(rates),
    itemsPerSec: median(rates) * (workload.batch ?? 1),
    ...(workload.inBytes === undefined ? {} : { inBytes: workload.inBytes }),
    opsSpread: [Math.min(...rates), Math.max(...rates)],
    p50Ms: median(samples.map((one) => one.p50Ms)),
    p99Ms: median(samples.map((one) => one.p99Ms)),
    cpuSecPer1kOps: medianOrNull(samples.map((one) => one.cpuSecPer1kOps)),
    bridgeCpuSecPer1kOps: medianOrNull(samples.map((one) => one.bridgeCpuSecPer1kOps)),
    serverCpuSecPer1kOps: medianOrNull(samples.map((one) => one.serverCpuSecPer1kOps)),
    rssMiB: medianOrNull(samples.map((one) => one.rssMiB)),
  };
}

/**
 * The median; of an even number of values the mean of the two in the middle.
 *
 * @param values - at least one
 */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] as number;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] as number) + high) / 2;
}

function medianOrNull(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : median(known);
}
