import { cpus, release, totalmem } from "node:os";
import type { MicroResult } from "./micro.ts";
import type { IdleResult } from "./redis/idle.ts";
import type { Row } from "./runner.ts";
import type { StageResult } from "./stages.ts";

/** Where a benchmark was run. */
export interface Machine {
  /** Model of the processor. */
  readonly cpu: string;
  /** Its cores, shared by load generator, proxy and servers. */
  readonly cores: number;
  /** Memory in GiB. */
  readonly memoryGiB: number;
  /** Operating system and its release. */
  readonly os: string;
  /** Versions of the programs that took part. */
  readonly versions: Readonly<Record<string, string>>;
}

/** The file that `--json` writes; the same for all protocols. */
export interface Report {
  /** What was spoken. */
  readonly protocol: string;
  /** Where. */
  readonly machine: Machine;
  /** One for each subject under each workload. */
  readonly rows: readonly Row[];
  /** Costs of single functions. */
  readonly micro: readonly MicroResult[];
  /** Where the time of a request goes. */
  readonly stages: readonly StageResult[];
  /** Memory for idle clients. */
  readonly idle: readonly IdleResult[];
}

/** Describes this machine. */
export function machine(versions: Readonly<Record<string, string>>): Machine {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    os: `${process.platform} ${release()}`,
    versions: { node: process.version, ...versions },
  };
}

/**
 * Lays the figures out for people, with ratios to the baselines: "1.20×" is 1.2 times the
 * baseline's figure.
 *
 * @param baselines - names of subjects; those that did not take part are left out
 */
export function table(report: Report, baselines: readonly string[]): string {
  const bases = baselines.filter((name) => report.rows.some((row) => row.subject === name));
  const head = [
    "workload",
    "subject",
    "op/s",
    "items/s",
    "spread",
    "p50 ms",
    "p99 ms",
    "CPU ms/1k",
    "servers' ms/1k",
    "RSS MiB",
  ];
  const bridged = report.rows.some((row) => row.bridgeCpuSecPer1kOps !== null);
  if (bridged) head.push("bridge's ms/1k");
  for (const base of bases) head.push(`op/s ÷ ${base}`, `CPU ÷ ${base}`);
  const inBytes = report.rows.some((row) => row.inBytes === true);
  if (inBytes) head.push("MB/s", "CPU s/GB");
  const direct = report.rows.some(({ subject }) => subject === "direct");
  if (direct) head.push("p50 − direct");
  const lines = report.rows.map((row) => {
    const cells = [
      `${row.workload} ${row.payload} B ×${row.clients}, pipeline ${row.pipeline}${row.point && `, ${row.point}`}`,
      row.subject,
      row.opsPerSec.toFixed(0),
      row.itemsPerSec.toFixed(0),
      `±${(((row.opsSpread[1] - row.opsSpread[0]) / 2 / row.opsPerSec) * 100).toFixed(0)} %`,
      latency(row.p50Ms),
      latency(row.p99Ms),
      milliseconds(row.cpuSecPer1kOps),
      milliseconds(row.serverCpuSecPer1kOps),
      row.rssMiB === null ? "–" : row.rssMiB.toFixed(0),
    ];
    if (bridged) cells.push(milliseconds(row.bridgeCpuSecPer1kOps));
    for (const name of bases) {
      const base = report.rows.find((other) => other.subject === name && sameTraffic(other, row));
      cells.push(ratio(row.opsPerSec, base?.opsPerSec));
      cells.push(ratio(row.cpuSecPer1kOps, base?.cpuSecPer1kOps));
    }
    if (inBytes) {
      const cpu = row.cpuSecPer1kOps;
      cells.push(row.inBytes === true ? ((row.opsPerSec * row.payload) / 1e6).toFixed(1) : "–");
      const perGb = row.inBytes !== true || cpu === null ? null : (cpu / row.payload) * 1e6;
      cells.push(perGb === null ? "–" : perGb.toFixed(2));
    }
    if (direct) {
      const base = report.rows.find(
        (other) => other.subject === "direct" && sameTraffic(other, row),
      );
      cells.push(base === undefined ? "–" : latency(row.p50Ms - base.p50Ms));
    }
    return cells;
  });
  const micro = report.micro.map((one) => `${one.name}: ${one.nsPerOp.toFixed(1)} ns`);
  const stages = report.stages.map(({ name, stages: parts }) => {
    const words = Object.entries(parts).map(([stage, ns]) => `${stage} ${ns.toFixed(0)}`);
    return `${name}, ns: ${words.join(", ")}`;
  });
  const idle = report.idle.map(
    (one) => `${one.subject}, ${one.clients} idle clients: ${one.kibPerClient.toFixed(1)} KiB each`,
  );
  const table = report.rows.length === 0 ? [] : columns([head, ...lines]);
  return [...table, ...growth(report.rows), ...micro, ...stages, ...idle].join("\n");
}

/** What the last point of a series costs beside its first. */
function growth(rows: readonly Row[]): string[] {
  const points = [...new Set(rows.map(({ point }) => point))];
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || first === last) return [];
  return rows
    .filter(({ point }) => point === first)
    .flatMap((row) => {
      const grown = rows.find(
        (other) =>
          other.point === last &&
          other.subject === row.subject &&
          other.workload === row.workload &&
          other.pipeline === row.pipeline,
      );
      if (grown === undefined) return [];
      const cpu = ratio(grown.cpuSecPer1kOps, row.cpuSecPer1kOps);
      const rate = ratio(grown.opsPerSec, row.opsPerSec);
      const what = `${row.workload}, pipeline ${row.pipeline}, ${row.subject}`;
      return [`${first} → ${last}: ${what}: CPU ${cpu}, op/s ${rate}`];
    });
}

function sameTraffic(a: Row, b: Row): boolean {
  return (
    a.point === b.point &&
    a.workload === b.workload &&
    a.pipeline === b.pipeline &&
    a.clients === b.clients &&
    a.payload === b.payload
  );
}

function milliseconds(seconds: number | null): string {
  return seconds === null ? "–" : (seconds * 1000).toFixed(2);
}

/** NaN = not measured. */
function latency(value: number): string {
  return Number.isNaN(value) ? "–" : value.toFixed(3);
}

function ratio(value: number | null, base: number | null | undefined): string {
  return value === null || !base ? "–" : `${(value / base).toFixed(2)}×`;
}

/** Text to the left in the first two columns, figures to the right. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i < 2 ? cell.padEnd : cell.padStart).call(cell, widths[i] ?? 0))
      .join("  "),
  );
}
