import assert from "node:assert/strict";
import { test } from "node:test";
import { type Counted, Traffic } from "./traffic.ts";

function view(name: string, requests: number, latency: readonly number[], failures = 0): Counted {
  const stats = {
    ...{ requests, replies: 0, failures, bytesOut: 0, bytesIn: 0 },
    ...{ connects: 0, connectFailures: 0, lost: 0 },
  };
  return {
    ...{ name, links: 1, inFlight: 1, errorReplies: 2 },
    stats: { ...stats, latency: Float64Array.from(latency) },
  };
}

test("counts since the start, rates and latency of the last interval with answers", () => {
  const traffic = new Traffic(["a", "b"], 0);
  const [a, b] = traffic.rows([view("a", 10, [10]), view("a/node", 10, [0, 0, 10], 1)], 500);
  assert.deepEqual(a, {
    ...{ cluster: "a", requests: 20, perSecond: 40, errors: 5, inFlight: 2 },
    ...{ p50: 0.125, p99: 0.495 },
  });
  assert.deepEqual([b?.requests, b?.p50], [0, Number.NaN]);
  const [quiet] = traffic.rows([view("a", 20, [10, 0, 10])], 1_500);
  assert.deepEqual([quiet?.perSecond, quiet?.p50], [0, 0.125]);
  const [next] = traffic.rows([view("a", 30, [20, 0, 10])], 2_500);
  assert.deepEqual([next?.perSecond, next?.p50, next?.p99], [10, 0.0625, 0.12375]);
});
