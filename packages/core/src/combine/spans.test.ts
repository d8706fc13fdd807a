import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { join } from "../bytes/join.ts";
import { Spans } from "./spans.ts";

describe("spans", () => {
  test("are the pieces in order, however large", () => {
    const buffer = Uint8Array.from({ length: 10_000 }, (_, i) => i * 7);
    const piece = fc.tuple(fc.nat(9_999), fc.nat(3_000));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const spans = new Spans();
        const expected = pieces.map(([from, length]) => {
          const to = Math.min(from + length, buffer.length);
          spans.add(buffer, from, to);
          return buffer.slice(from, to);
        });
        assert.deepEqual(join(spans.chunks()).slice(), join(expected).slice());
        assert.equal(spans.length, join(expected).length);
      }),
    );
  });

  test("join neighbours, copy what is small, and leave large values as views", () => {
    const large = new Uint8Array(8_000);
    const one = new Spans();
    one.add(large, 0, 3_000);
    one.add(large, 3_000, 8_000);
    assert.equal(one.chunks()[0], large);
    const two = new Spans();
    two.add(large, 0, 5_000);
    two.add(large, 6_000, 7_000);
    assert.deepEqual(
      two.chunks().map(({ buffer, length }) => [buffer === large.buffer, length]),
      [
        [true, 5_000],
        [true, 1_000],
      ],
    );
    const small = new Spans();
    small.add(large, 0, 1);
    small.add(large, 5, 6);
    const [copy, ...others] = small.chunks();
    assert.equal(copy?.length, 2);
    assert.notEqual(copy?.buffer, large.buffer);
    assert.equal(others.length, 0);
    const values = new Spans();
    values.add(large, 0, 1_000);
    values.add(large, 2_000, 3_000);
    assert.deepEqual(
      values.chunks().map(({ buffer, length }) => [buffer === large.buffer, length]),
      [
        [true, 1_000],
        [true, 1_000],
      ],
    );
  });
});
