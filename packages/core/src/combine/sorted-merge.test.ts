import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ascending } from "./fold.ts";
import { mergeSorted, SortedMerge } from "./sorted-merge.ts";

interface Row {
  readonly at: number;
  readonly source: number;
  readonly place: number;
}
const byTime = (a: Row, b: Row): number => a.at - b.at;
/** Sorted lists whose rows say where they come from. */
const lists = fc
  .array(fc.array(fc.nat(20), { maxLength: 12 }), { maxLength: 9 })
  .map((all) =>
    all.map((times, source) =>
      times.sort(ascending).map((at, place): Row => ({ at, source, place })),
    ),
  );
const expected = (all: readonly (readonly Row[])[]): Row[] =>
  all.flat().sort((a, b) => a.at - b.at || a.source - b.source || a.place - b.place);

describe("k-way merge", () => {
  test("of whole lists: every item in order, equal ones by source", () => {
    fc.assert(
      fc.property(lists, (all) => assert.deepEqual(mergeSorted(all, byTime), expected(all))),
    );
    assert.equal(
      mergeSorted(
        [
          [1, 2],
          [2, 1],
        ],
        ascending,
      ),
      null,
    );
  });

  test("of pages that come in any order and are taken in any portions", () => {
    const step = fc.record({ source: fc.nat(8), items: fc.nat(3), take: fc.nat(4) });
    fc.assert(
      fc.property(lists, fc.array(step, { maxLength: 40 }), (all, steps) => {
        const merge = new SortedMerge<Row>(all.length, byTime, 1_000);
        const left = all.map((list) => [...list]);
        const ended = all.map(() => false);
        const taken: Row[] = [];
        const check = (most: number): void => {
          const before = merge.held;
          const rows = merge.take(most);
          taken.push(...rows);
          assert.equal(merge.held, before - rows.length);
          // Certain: nothing that is still to come belongs before it. Lazy: it stops only for a reason.
          const last = rows[rows.length - 1];
          for (const [next] of left) {
            if (last !== undefined && next !== undefined)
              assert.ok(next.at >= last.at, "too early");
          }
          const waiting = merge.waitsFor;
          assert.ok(
            rows.length === most || merge.held === 0 || waiting.length > 0,
            "what is certain is given",
          );
        };
        for (const { source, items, take } of steps) {
          const list = left[source];
          if (list === undefined || ended[source]) continue;
          assert.equal(merge.push(source, list.splice(0, items)), "taken");
          if (list.length === 0) {
            merge.end(source);
            ended[source] = true;
          }
          check(take);
        }
        for (const [source, list] of left.entries()) {
          if (ended[source]) continue;
          assert.ok(!merge.done, "it is not done while a source goes on");
          assert.equal(merge.push(source, list.splice(0)), "taken");
          merge.end(source);
        }
        check(1_000);
        assert.deepEqual(taken, expected(all));
        assert.ok(merge.done, "it is done at the end");
      }),
    );
  });

  test("gives nothing before each source has said something", () => {
    const merge = new SortedMerge<number>(3, ascending, 9);
    merge.push(0, [1, 4, 9]);
    merge.push(1, [2, 4]);
    assert.deepEqual(merge.take(), []);
    assert.deepEqual(merge.waitsFor, [2]);
    merge.end(2);
    assert.deepEqual(merge.take(), [1, 2, 4, 4]);
    assert.deepEqual([merge.held, merge.waitsFor, merge.done], [1, [1], false]);
    merge.end(1);
    assert.deepEqual(merge.take(), [9]);
    merge.end(0);
    assert.ok(merge.done, "all have ended");
  });

  test("holds no more than its bound and takes a page whole or not at all", () => {
    const merge = new SortedMerge<number>(2, ascending, 3);
    assert.equal(merge.push(0, [1, 2]), "taken");
    assert.equal(merge.push(0, [3, 4]), "full");
    assert.equal(merge.held, 2);
    assert.equal(merge.push(1, [5]), "taken");
    assert.deepEqual(merge.take(), [1, 2]);
    assert.equal(merge.push(0, [3, 4]), "taken");
    assert.deepEqual(merge.take(), [3, 4]);
  });

  test("refuses a page that is out of order, in itself or after the one before", () => {
    const merge = new SortedMerge<number>(1, ascending, 9);
    assert.equal(merge.push(0, [3, 2]), "unsorted");
    assert.equal(merge.push(0, [3]), "taken");
    assert.deepEqual(merge.take(), [3]);
    assert.equal(merge.push(0, [2]), "unsorted");
    assert.equal(merge.push(0, [3]), "taken");
    merge.end(0);
    assert.equal(merge.push(0, [4]), "unsorted");
    assert.deepEqual(merge.take(), [3]);
  });
});
