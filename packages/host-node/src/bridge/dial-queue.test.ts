import assert from "node:assert/strict";
import { test } from "node:test";
import { DialQueue } from "./dial-queue.ts";

test("connects begin in order, so many at once, and each end lets the next one begin", () => {
  const queue = new DialQueue(2);
  const begun: number[] = [];
  const dials = [0, 1, 2, 3, 4].map((i) => queue.add(() => begun.push(i)));
  assert.deepEqual(begun, [0, 1]);
  dials[3]?.settle(); // it was given up before its turn
  dials[1]?.settle();
  dials[1]?.settle();
  assert.deepEqual(begun, [0, 1, 2]);
  dials[0]?.settle();
  assert.deepEqual(begun, [0, 1, 2, 4]);
  for (const dial of dials) dial.settle();
  queue.add(() => begun.push(5));
  assert.deepEqual(begun, [0, 1, 2, 4, 5]);
});
