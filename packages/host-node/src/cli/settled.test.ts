import assert from "node:assert/strict";
import { test } from "node:test";
import { settled } from "./settled.ts";

const rest = (): Promise<void> => Promise.resolve();

test("a text that stands still is taken, as it is then", async () => {
  const seen = ["a", "ab", "abc", "abc", "abcd"];
  assert.equal(await settled(() => seen.shift() ?? "", rest), "abc");
  assert.deepEqual(seen, ["abcd"]);
});

test("one that changes all the time is none", async () => {
  let looks = 0;
  assert.equal(await settled(() => String(looks++), rest), null);
  assert.equal(looks, 101);
});

test("what the look throws comes out", async () => {
  await assert.rejects(
    settled(() => {
      throw new Error("gone");
    }, rest),
    /gone/,
  );
});
