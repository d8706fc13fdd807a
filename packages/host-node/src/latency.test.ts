import assert from "node:assert/strict";
import { test } from "node:test";
import { latencyPercentile } from "./latency.ts";

test("percentiles are linear within a bucket", () => {
  assert.ok(Number.isNaN(latencyPercentile([], 0.5)));
  assert.ok(Number.isNaN(latencyPercentile([0, 0], 0.99)));
  assert.equal(latencyPercentile([4], 0.5), 0.0625);
  assert.equal(latencyPercentile([0, 0, 0, 100], 0.5), 0.75);
  assert.equal(latencyPercentile([50, 50], 0.5), 0.125);
  assert.equal(latencyPercentile([50, 50], 1), 0.25);
});
