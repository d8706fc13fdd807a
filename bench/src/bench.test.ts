import assert from "node:assert/strict";
import { test } from "node:test";
import { measureMicro } from "./micro.ts";
import type { Bench, Workload } from "./plan.ts";
import { parse } from "./redis/load.ts";
import { type Report, table } from "./report.ts";
import { measure, median, type Row } from "./runner.ts";

const HEAD =
  '"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"';

test("redis-benchmark's figures are read by column, after its warnings", () => {
  const csv = `WARNING: Could not fetch server CONFIG\n${HEAD}\n"GET","50000.00","0.369","0.112","0.335","0.591","0.975","8.263"\n`;
  assert.deepEqual(parse(csv, 100_000), {
    operations: 100_000,
    seconds: 2,
    p50Ms: 0.335,
    p99Ms: 0.975,
  });
  assert.throws(() => parse("Error from server: -ERR no\n", 1), /Error from server/);
  assert.throws(() => parse("", 1), /redis-benchmark said/);
});

test("the median", () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([10, 1, 9, 2]), 5.5);
});

test("subjects are interleaved, in another order each round, and sized by their own rate", async () => {
  const calls: string[] = [];
  const rates: Record<number, readonly number[]> = { 1: [100, 10, 30, 20], 2: [200, 5, 5, 5] };
  const workload: Workload = {
    ...{ name: "set", pipeline: 1, clients: 2, payload: 3, warmUp: 1000 },
    run: async (port, operations) => {
      calls.push(`${port}:${operations}`);
      const turn = calls.filter((call) => call.startsWith(`${port}:`)).length - 1;
      return {
        operations,
        seconds: operations / (rates[port]?.[turn] ?? 0),
        p50Ms: turn,
        p99Ms: 9,
      };
    },
  };
  const bench: Bench = {
    subjects: [
      { name: "a", port: 1, pids: [], serverPids: [process.pid] },
      { name: "b", port: 2, pids: [process.pid], serverPids: [] },
    ],
    missing: [],
    workloads: [workload],
    versions: {},
    close: async () => {},
  };
  const rows = await measure(bench, { rounds: 3, seconds: 2 }, () => {});
  const warm = ["1:1000", "2:1000"];
  assert.deepEqual(calls, [...warm, "1:200", "2:400", "2:400", "1:200", "1:200", "2:400"]);
  const [a, b] = rows as [Row, Row];
  assert.equal(Math.round(a.opsPerSec), 20);
  assert.deepEqual(a.opsSpread.map(Math.round), [10, 30]);
  assert.equal(a.p50Ms, 2);
  assert.equal(a.cpuSecPer1kOps, null);
  assert.equal(b.serverCpuSecPer1kOps, null);
  if (process.platform === "linux") {
    assert.ok((b.rssMiB ?? 0) > 10, "memory of the proxy");
    assert.ok((a.serverCpuSecPer1kOps ?? -1) >= 0, "CPU time of the servers");
  }
});

test("ratios are against the same traffic only", () => {
  const row = (subject: string, pipeline: number, opsPerSec: number, cpu: number | null): Row => ({
    ...{ subject, workload: "get", pipeline, clients: 50, payload: 1024 },
    ...{ opsPerSec, itemsPerSec: opsPerSec },
    ...{ opsSpread: [opsPerSec, opsPerSec] as const, p50Ms: 1, p99Ms: 2 },
    ...{ cpuSecPer1kOps: cpu, serverCpuSecPer1kOps: cpu, rssMiB: cpu },
  });
  const report: Report = {
    protocol: "redis",
    machine: { cpu: "", cores: 1, memoryGiB: 1, os: "", versions: {} },
    rows: [row("direct", 1, 300, null), row("peer", 1, 200, 2), row("us", 1, 100, 3)],
    micro: [{ name: "m", nsPerOp: 12.34 }],
  };
  const text = table({ ...report, rows: [...report.rows, row("us", 16, 100, 3)] }, ["peer", "x"]);
  const lines = text.split("\n");
  assert.match(lines[1] ?? "", /1\.50× +–$/);
  assert.match(lines[3] ?? "", /0\.50× +1\.50×$/);
  assert.match(lines[4] ?? "", /– +–$/);
  assert.equal(lines[5], "m: 12.3 ns");
  assert.ok(!text.includes("÷ x"));
});

test("a function's cost is measured", async () => {
  let called = 0;
  const open = () => (iterations: number) => {
    called += iterations;
  };
  const [result] = await measureMicro(
    [
      { name: "absent", open: () => null },
      { name: "count", open: () => open() },
    ],
    0.01,
  );
  assert.equal(result?.name, "count");
  assert.ok((result?.nsPerOp ?? -1) >= 0 && called > 0);
});
