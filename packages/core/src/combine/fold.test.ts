import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { equalBytes } from "../bytes/compare.ts";
import { allEqual, ascending, exactSum, foldByKey, max, min, sum } from "./fold.ts";

describe("folds", () => {
  test("sum", () => {
    assert.equal(sum([]), 0);
    assert.equal(sum([1.5, 2, -4]), -0.5);
    assert.ok(Number.isNaN(sum([1, Number.NaN])), "NaN is not lost");
  });

  test("exactSum is the sum, or NaN where numbers cannot hold it", () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeInteger()), (values) => {
        const total = exactSum(values);
        const exact = values.reduce((before, value) => before + BigInt(value), 0n);
        if (!Number.isNaN(total)) assert.equal(BigInt(total), exact);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.integer()), (values) => {
        assert.equal(exactSum(values), sum(values));
      }),
    );
    for (const wrong of [[2 ** 53 - 1, 1], [-10, 2 ** 53], [0.5, 0.5], [Number.NaN]]) {
      assert.ok(Number.isNaN(exactSum(wrong)), `${wrong} has no exact sum`);
    }
  });

  test("min and max are the first of the least and greatest", () => {
    assert.equal(min([], ascending), undefined);
    assert.equal(max([], ascending), undefined);
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        assert.equal(min(values, ascending), Math.min(...values));
        assert.equal(max(values, ascending), Math.max(...values));
      }),
    );
    const byLength = (a: string, b: string): number => a.length - b.length;
    assert.equal(min(["aa", "b", "c"], byLength), "b");
    assert.equal(max(["a", "bb", "cc"], byLength), "bb");
  });

  test("allEqual", () => {
    const same = (values: number[][]): boolean =>
      allEqual(
        values.map((value) => Uint8Array.from(value)),
        equalBytes,
      );
    assert.ok(same([]) && same([[1]]) && same([[1], [1], [1]]), "equal ones are equal");
    assert.ok(!same([[1], [1], [2]]), "the last one differs");
    assert.ok(!same([[1], []]), "lengths differ");
  });

  test("foldByKey", () => {
    const entries = [
      ["a", 1],
      ["b", 2],
      ["a", 3],
    ] as const;
    assert.deepEqual(
      [...foldByKey<string, number>(entries, (a, b) => a + b)],
      [
        ["a", 4],
        ["b", 2],
      ],
    );
  });
});
