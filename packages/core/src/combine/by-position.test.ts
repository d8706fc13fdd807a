import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { join } from "../bytes/join.ts";
import { latin1, textOf } from "../bytes/latin1.ts";
import { addByPosition, addConcatenated, byPosition, concatenate } from "./by-position.ts";
import { groupBy, groupByOwner } from "./group.ts";
import { Spans } from "./spans.ts";

/** Items of one length byte and that many bytes. */
const skip = (bytes: Uint8Array, from: number): number => from + 1 + (bytes[from] as number);
const item = (text: string): Uint8Array =>
  latin1(String.fromCharCode(text.length, ...latin1(text)));
const items = fc.array(
  fc.record({ owner: fc.nat(3), values: fc.array(fc.string({ maxLength: 9 }), { minLength: 2 }) }),
);

describe("values by position", () => {
  test("are where the items were, repeated ones too", () => {
    assert.deepEqual(byPosition([[0, 2, 3], [1]], [["A", "B", "A"], ["C"]]), ["A", "C", "B", "A"]);
    assert.deepEqual(
      byPosition(
        [[1], [0]],
        [
          ["k", 1],
          ["l", 2],
        ],
        2,
      ),
      ["l", 2, "k", 1],
    );
  });

  test("are refused when a part has more or fewer than asked for", () => {
    assert.equal(byPosition([[0, 1]], [["A"]]), null);
    assert.equal(byPosition([[0]], [["A", "B"]]), null);
    assert.equal(byPosition([[0], [1]], [["A"]]), null);
    assert.equal(byPosition([[0]], [["A"], ["B"]]), null);
  });

  test("undo any split", () => {
    fc.assert(
      fc.property(items, (all) => {
        const groups = [...groupBy(all, ({ owner }) => owner).values()];
        const parts = groups.map((group) => group.map((i) => all[i]?.values));
        assert.deepEqual(
          byPosition(groups, parts),
          all.map(({ values }) => values),
        );
      }),
    );
  });
});

describe("bytes by position", () => {
  test("undo any split, with any number of items for each", () => {
    fc.assert(
      fc.property(items, fc.integer({ min: 1, max: 2 }), (all, width) => {
        const bytesOf = (i: number): Uint8Array =>
          join((all[i]?.values ?? []).slice(0, width).map(item)).slice();
        const grouping = groupByOwner(
          Int32Array.from(all, ({ owner }) => owner),
          4,
        );
        assert.ok(grouping !== null, "all have owners");
        const sources = grouping.owners.map((owner) => {
          const mine = [...all.keys()].filter((i) => all[i]?.owner === owner);
          return { bytes: join([latin1("head"), ...mine.map(bytesOf)]), at: 4, repeats: false };
        });
        const out = new Spans();
        addByPosition(out, grouping.groupOf, sources, skip, width);
        assert.equal(textOf(join(out.chunks())), textOf(join([...all.keys()].map(bytesOf))));
        for (const { bytes, at } of sources) assert.equal(at, bytes.length);
      }),
    );
  });

  test("have the error of a part that failed in each place of its items", () => {
    const out = new Spans();
    const good = { bytes: join([item("a"), item("bc")]), at: 0, repeats: false };
    const failed = { bytes: latin1("!"), at: 0, repeats: true };
    addByPosition(out, Int32Array.of(1, 0, 1, 0), [good, failed], skip, 1);
    assert.equal(textOf(join(out.chunks())), "!\x01a!\x02bc");
  });
});

describe("concatenation", () => {
  test("is part by part", () => {
    assert.deepEqual(concatenate([[1, 2], [], [3]]), [1, 2, 3]);
    const out = new Spans();
    const source = (text: string, at: number) => ({ bytes: latin1(text), at, repeats: false });
    addConcatenated(out, [source("*1abc", 2), source("*0", 2), source("*1de", 2)]);
    assert.equal(textOf(join(out.chunks())), "abcde");
  });
});
