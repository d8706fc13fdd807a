import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { join } from "../bytes/join.ts";
import { latin1, textOf } from "../bytes/latin1.ts";
import type { Failure } from "../plan.ts";
import { ascending } from "./fold.ts";
import { SortedStream } from "./sorted-stream.ts";

/** Digits, each an item. */
class Digits extends SortedStream<number> {
  protected items(_part: number, bytes: Uint8Array): readonly number[] | null {
    const text = textOf(bytes);
    return /^\d*$/.test(text) ? Array.from(text, Number) : null;
  }
  protected bytes(items: readonly number[], done: boolean): Uint8Array {
    return latin1(items.join("") + (done ? "." : ""));
  }
  protected error(failure: Failure | null): Uint8Array {
    return latin1(`!${failure?.reason ?? "bad"}`);
  }
}

const lost: Failure = { reason: "lost", cluster: "east", sent: true, reply: null };
const text = (chunks: readonly Uint8Array[]): string => textOf(join(chunks));

describe("a sorted stream", () => {
  test("is the sorted whole, whatever the pieces", () => {
    const parts = fc.array(fc.array(fc.nat(9)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(parts, fc.array(fc.tuple(fc.nat(3), fc.nat(3))), (all, cuts) => {
        const stream = new Digits(all.length, ascending, 1_000);
        const left = all.map((part) => [...part].sort(ascending).join(""));
        let said = "";
        const piece = (part: number, length: number, end: boolean): void => {
          const own = left[part] ?? "";
          left[part] = own.slice(length);
          said += text(stream.piece(part, latin1(own.slice(0, length)), end));
        };
        for (const [part, length] of cuts) if (part < all.length) piece(part, length, false);
        for (const part of all.keys()) piece(part, Number.POSITIVE_INFINITY, true);
        assert.equal(said, `${all.flat().sort(ascending).join("")}.`);
        assert.equal(stream.held, 0);
        assert.equal(stream.broken, false);
      }),
    );
  });

  test("fails with an error before the first byte, and by breaking behind it", () => {
    const early = new Digits(2, ascending, 9);
    assert.equal(text(early.piece(0, latin1("12"), false)), "");
    assert.equal(early.held, 2);
    assert.equal(text(early.failed(1, lost, false)), "!lost");
    assert.deepEqual([early.held, early.broken], [0, false]);
    assert.equal(text(early.failed(0, lost, true)), "");
    assert.equal(early.broken, false);
    const late = new Digits(1, ascending, 9);
    assert.equal(text(late.piece(0, latin1("12"), false)), "12");
    assert.equal(text(late.failed(0, lost, true)), "");
    assert.equal(late.broken, true);
  });

  test("refuses what it cannot merge: no items, no order, too much ahead", () => {
    for (const bad of ["x", "21", "1234"]) {
      const stream = new Digits(2, ascending, 3);
      assert.equal(text(stream.piece(0, latin1(bad), false)), "!bad");
      assert.equal(text(stream.piece(1, latin1("1"), true)), "");
    }
    const late = new Digits(1, ascending, 3);
    assert.equal(text(late.piece(0, latin1("2"), false)), "2");
    assert.equal(text(late.piece(0, latin1("1"), false)), "");
    assert.equal(late.broken, true);
  });
});
