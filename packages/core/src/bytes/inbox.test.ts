import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Inbox } from "./inbox.ts";

/** What waits in it. */
const waiting = (box: Inbox): number[] => [...box.bytes.subarray(box.from, box.to)];

describe("Inbox", () => {
  it("gives back what went in, in any cut, taken in any steps", () => {
    const step = fc.record({
      chunk: fc.uint8Array({ minLength: 1, maxLength: 40 }),
      take: fc.nat(60),
      expected: fc.nat(200),
      own: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const box = new Inbox();
        let model: number[] = [];
        for (const { chunk, take, expected, own } of steps) {
          const lent = chunk.slice();
          box.append(lent, expected);
          model.push(...chunk);
          const taken = Math.min(take, box.length);
          box.from += taken;
          model = model.slice(taken);
          if (own) {
            box.own();
            lent.fill(0xee); // the host overwrites its memory: what waits must not see it
          }
          assert.deepEqual(waiting(box), model);
          assert.equal(box.length, model.length);
          // Views handed out earlier must not change, so a lent chunk is only left alone if not owned.
          if (!own) box.own();
        }
        box.clear();
        assert.equal(box.length, 0);
      }),
    );
  });

  it("does not copy a chunk that is taken whole", () => {
    const box = new Inbox();
    const chunk = Uint8Array.of(1, 2, 3);
    box.append(chunk, 0);
    assert.equal(box.bytes, chunk);
    box.from = 3;
    box.append(chunk, 0);
    assert.equal(box.bytes, chunk);
    box.from = 3;
    box.own();
    assert.equal(box.bytes.length, 0);
  });

  it("never moves or overwrites bytes that it has handed out", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { minLength: 2 }),
        (chunks) => {
          const box = new Inbox();
          const views: { readonly view: Uint8Array; readonly bytes: readonly number[] }[] = [];
          for (const chunk of chunks) {
            box.append(chunk, 0);
            const view = box.bytes.subarray(box.from, box.to - 1);
            views.push({ view, bytes: [...view] });
            box.from = box.to - 1;
            for (const each of views) assert.deepEqual([...each.view], each.bytes);
          }
        },
      ),
    );
  });

  it("takes a frame of any size in pieces for a cost that grows with its size only", () => {
    const box = new Inbox();
    let moved = 0;
    let before: Uint8Array | null = null;
    for (let i = 0; i < 20_000; i++) {
      box.append(Uint8Array.of(i), 0);
      if (box.bytes !== before) moved += box.length;
      before = box.bytes;
    }
    assert.ok(moved < 4 * 20_000, `${moved} bytes were moved`);
  });
});
