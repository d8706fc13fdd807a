import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BarGroup, barChart } from "./chart.ts";
import type { Report } from "./report.ts";
import type { Row } from "./runner.ts";

/** Writes a report's charts into a folder: CPU, rate, latency, and the stages of a request. */
export function writeCharts(folder: string, { protocol, rows, stages }: Report): void {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, title: string, unit: string, groups: readonly BarGroup[]): void => {
    if (groups.length === 0) return;
    writeFileSync(join(folder, `${protocol}-${name}.svg`), barChart(title, unit, groups));
  };
  const cpu = (row: Row): number | null =>
    row.cpuSecPer1kOps === null ? null : row.cpuSecPer1kOps * 1000;
  write("cpu", "CPU time of the proxy", "ms for 1,000 operations", groupsOf(rows, cpu));
  write(
    "rate",
    "Operations",
    "a second",
    groupsOf(rows, ({ opsPerSec }) => opsPerSec),
  );
  write(
    "p50",
    "Median latency",
    "ms",
    groupsOf(rows, ({ p50Ms }) => p50Ms),
  );
  write(
    "stages",
    "One request without sockets",
    "ns",
    stages.map(({ name, stages: parts }) => ({
      label: name.replace(/^.*: /, ""),
      bars: Object.entries(parts).map(([series, value]) => ({ series, value })),
    })),
  );
}

function groupsOf(rows: readonly Row[], figureOf: (row: Row) => number | null): BarGroup[] {
  const labels = new Map<string, { series: string; value: number }[]>();
  for (const row of rows) {
    const value = figureOf(row);
    if (value === null) continue;
    const label = [row.workload, row.pipeline > 1 ? `×${row.pipeline}` : "", row.point]
      .filter(Boolean)
      .join(" ");
    const bars = labels.get(label) ?? [];
    bars.push({ series: row.subject, value });
    labels.set(label, bars);
  }
  return [...labels].map(([label, bars]) => ({ label, bars }));
}
