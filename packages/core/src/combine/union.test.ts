import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ByteSet, union } from "./union.ts";

describe("set union", () => {
  test("has each value once, where it first stood", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(9))), (lists) => {
        assert.deepEqual(
          union(lists, (value) => value),
          [...new Set(lists.flat())],
        );
      }),
    );
    const first = { id: 1, from: "a" };
    assert.deepEqual(
      union([[first], [{ id: 1, from: "b" }]], ({ id }: typeof first) => id),
      [first],
    );
  });

  test("of byte strings tells every byte apart", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 2 })), (strings) => {
        const set = new ByteSet();
        const seen = new Set<string>();
        for (const bytes of strings) {
          assert.equal(set.add(bytes), !seen.has(bytes.join()));
          seen.add(bytes.join());
        }
        assert.equal(set.size, seen.size);
      }),
    );
    const set = new ByteSet();
    const bytes = Uint8Array.of(1, 200, 1, 200);
    assert.deepEqual(
      [set.add(bytes, 0, 2), set.add(bytes, 2, 4), set.add(bytes, 2, 3)],
      [true, false, true],
    );
  });
});
