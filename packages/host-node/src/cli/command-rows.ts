import type { StateReport } from "../admin/reports.ts";
import { latencyPercentile } from "../latency.ts";

/** One command's traffic between two states. */
export interface CommandRow {
  /** Name of the command. */
  readonly command: string;
  /** Requests in a second. */
  readonly perSecond: number;
  /** Error replies, and outcomes that were no reply. */
  readonly errors: number;
  /** Milliseconds; NaN when there was no reply. */
  readonly p50: number;
  /** Likewise. */
  readonly p99: number;
}

/** The busiest commands over all clusters, at most `count`. */
export function commandRows(
  before: StateReport,
  after: StateReport,
  seconds: number,
  count: number,
): CommandRow[] {
  const [old, now] = [sumsOf(before), sumsOf(after)];
  const rows = [...now].map(([command, { requests, errors, latency }]) => {
    const was = old.get(command);
    const fresh = latency.map((each, i) => each - (was?.latency[i] ?? 0));
    return {
      command,
      perSecond: (requests - (was?.requests ?? 0)) / seconds,
      errors: errors - (was?.errors ?? 0),
      p50: latencyPercentile(fresh, 0.5),
      p99: latencyPercentile(fresh, 0.99),
    };
  });
  return rows
    .filter(({ perSecond, errors }) => perSecond > 0 || errors > 0)
    .sort((a, b) => b.perSecond - a.perSecond || b.errors - a.errors)
    .slice(0, count);
}

interface Sums {
  requests: number;
  errors: number;
  latency: number[];
}

function sumsOf({ upstreams }: StateReport): Map<string, Sums> {
  const sums = new Map<string, Sums>();
  for (const { commands } of upstreams) {
    for (const [name, { requests, errors, failures, latency }] of Object.entries(commands)) {
      const sum = sums.get(name) ?? { requests: 0, errors: 0, latency: [] };
      sum.requests += requests;
      sum.errors += errors + failures;
      sum.latency = latency.map((count, i) => count + (sum.latency[i] ?? 0));
      sums.set(name, sum);
    }
  }
  return sums;
}
