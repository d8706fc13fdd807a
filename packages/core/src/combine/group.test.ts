import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { groupBy, groupByOwner } from "./group.ts";

describe("grouping by owner", () => {
  test("is in the order of the first items", () => {
    assert.deepEqual(groupByOwner(Int32Array.of(4, 0, 4, 4, 0), 5), {
      owners: [4, 0],
      counts: [3, 2],
      groupOf: [0, 1, 0, 0, 1],
    });
  });

  test("says when an item has no owner", () => {
    assert.equal(groupByOwner(Int32Array.of(1, -1, 0), 2), null);
  });

  test("agrees with groupBy", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(6)), (owners) => {
        const grouping = groupByOwner(Int32Array.from(owners), 7);
        const groups = groupBy(owners, (owner) => owner);
        assert.deepEqual(grouping?.owners, [...groups.keys()]);
        assert.deepEqual(
          grouping?.counts,
          [...groups.values()].map(({ length }) => length),
        );
        assert.deepEqual(
          Array.from(grouping?.groupOf ?? [], (group) => grouping?.owners[group]),
          owners,
        );
        for (const [owner, positions] of groups) {
          for (const position of positions) assert.equal(owners[position], owner);
        }
      }),
    );
  });
});
