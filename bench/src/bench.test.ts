import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { barChart } from "./chart.ts";
import { measureMicro } from "./micro.ts";
import type { Bench, Workload } from "./plan.ts";
import { driveRate } from "./redis/drive-rate.ts";
import { parse } from "./redis/load.ts";
import { type Report, table } from "./report.ts";
import { measure, median, type Row } from "./runner.ts";
import { measureStages } from "./stages.ts";

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
    ...{ subject, workload: "get", point: "", pipeline, clients: 50, payload: 1024 },
    ...{ opsPerSec, itemsPerSec: opsPerSec },
    ...{ opsSpread: [opsPerSec, opsPerSec] as const, p50Ms: 1, p99Ms: 2 },
    ...{ cpuSecPer1kOps: cpu, serverCpuSecPer1kOps: cpu, rssMiB: cpu },
    bridgeCpuSecPer1kOps: null,
  });
  const report: Report = {
    protocol: "redis",
    machine: { cpu: "", cores: 1, memoryGiB: 1, os: "", versions: {} },
    rows: [row("direct", 1, 300, null), row("peer", 1, 200, 2), row("us", 1, 100, 3)],
    micro: [{ name: "m", nsPerOp: 12.34 }],
    stages: [],
    idle: [],
  };
  const text = table({ ...report, rows: [...report.rows, row("us", 16, 100, 3)] }, ["peer", "x"]);
  const lines = text.split("\n");
  assert.match(lines[1] ?? "", /1\.50× +– +0\.000$/);
  assert.match(lines[3] ?? "", /0\.50× +1\.50× +0\.000$/);
  assert.match(lines[4] ?? "", /– +– +–$/);
  assert.equal(lines[5], "m: 12.3 ns");
  assert.ok(!text.includes("÷ x"));
});

test("what grows is held against the first point of its series", () => {
  const row = (point: string, opsPerSec: number, cpu: number): Row => ({
    ...{ subject: "us", workload: "set", point, pipeline: 1, clients: 50, payload: 1024 },
    ...{ opsPerSec, itemsPerSec: opsPerSec, opsSpread: [1, 1] as const, p50Ms: 1, p99Ms: 2 },
    ...{ cpuSecPer1kOps: cpu, serverCpuSecPer1kOps: null, rssMiB: 1 },
    bridgeCpuSecPer1kOps: null,
  });
  const text = table(
    {
      protocol: "redis",
      machine: { cpu: "", cores: 1, memoryGiB: 1, os: "", versions: {} },
      rows: [row("3 shards", 100, 2), row("16 shards", 90, 3), row("64 shards", 50, 5)],
      micro: [],
      stages: [{ name: "m", stages: { frame: 12.4, send: 20 } }],
      idle: [{ subject: "us", clients: 10, kibPerClient: 7.25 }],
    },
    [],
  );
  const lines = text.split("\n").slice(-3);
  assert.equal(lines[0], "3 shards → 64 shards: set, pipeline 1, us: CPU 2.50×, op/s 0.50×");
  assert.equal(lines[1], "m, ns: frame 12, send 20");
  assert.equal(lines[2], "us, 10 idle clients: 7.3 KiB each");
});

test("a chart is XML, whatever its words, and its tallest bar has the height of its value", () => {
  const bars = [
    { series: "a<b", value: 50 },
    { series: "c", value: 200 },
  ];
  const svg = barChart("Rate & more", "a second", [{ label: "set", bars }]);
  assert.ok(!svg.includes("a<b"), "words are escaped");
  assert.match(svg, /<title>Rate &amp; more, a second<\/title>/);
  const heights = [...svg.matchAll(/width="15" height="([\d.]+)"/g)].map(([, height]) => height);
  assert.deepEqual(heights, ["60", "240"]);
});

test("requests leave at their rate, and an answer that is no value fails the run", async () => {
  const answered = (words: string) =>
    createServer((socket) => {
      socket.on("data", (chunk) => {
        for (const _ of String(chunk).matchAll(/GET/g)) socket.write(words);
      });
      socket.on("error", () => {});
    });
  for (const [words, ok] of [
    ["$3\r\nabc\r\n", true],
    ["-ERR no\r\n", false],
  ] as const) {
    const server = answered(words).listen(0, "127.0.0.1");
    try {
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      const run = driveRate(port, { clients: 3, payload: 3, rate: 1000 }, 50);
      if (!ok) await assert.rejects(run, /answered -ERR no/);
      else {
        const load = await run;
        assert.equal(load.operations, 50);
        assert.ok(load.seconds >= 0.045, `${load.seconds} s for 50 requests at 1,000/s`);
        assert.ok(load.p50Ms >= 0 && load.p99Ms >= load.p50Ms, "percentiles");
      }
    } finally {
      server.close();
    }
  }
});

test("the profile of a loop is added up by file", async () => {
  let sum = 0;
  const loop = (iterations: number): void => {
    for (let i = 0; i < iterations; i++) sum += i;
  };
  const { stages } = await measureStages("sum", loop, [["here", /bench\.test/]], 0.2);
  assert.deepEqual(Object.keys(stages), ["here", "other"]);
  const here = stages["here"] ?? 0;
  assert.ok(here > (stages["other"] ?? 0), "most of the time is spent in the loop");
  assert.ok(sum > 0, "it was called");
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
