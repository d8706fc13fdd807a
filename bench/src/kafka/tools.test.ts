import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConsumer, parseProducer } from "./tools.ts";

test("the producer's figures are its last line", () => {
  const output =
    "20 records sent, 3.0 records/sec (0.00 MB/sec), 1.0 ms avg latency, 2.0 ms max latency.\n" +
    "50000 records sent, 25000.000000 records/sec (24.41 MB/sec), 512.30 ms avg latency, 997.00 ms max latency, 500 ms 50th, 900 ms 95th, 990 ms 99th, 997 ms 99.9th.\n";
  assert.deepEqual(parseProducer(output, 50_000), {
    ...{ operations: 50_000, seconds: 2, p50Ms: 500, p99Ms: 990 },
  });
  assert.throws(() => parseProducer(output, 50_001), /the producer said/);
  assert.throws(() => parseProducer("", 1), /the producer said/);
});

test("the consumer's figures leave out its rebalance", () => {
  const output =
    "2026-11-23 04:26:08:001, 2026-11-23 04:26:12:001, 195.3125, 48.8, 200000, 50000.0, 3000, 1000, 195.3, 200000.0\n";
  const load = parseConsumer(output, 200_000);
  assert.equal(load.operations, 200_000);
  assert.equal(load.seconds, 1);
  assert.ok(Number.isNaN(load.p50Ms), "it has no latencies");
  assert.throws(() => parseConsumer(output, 200_001), /the consumer said/);
  assert.throws(() => parseConsumer("WARN nothing\n", 1), /the consumer said/);
});
