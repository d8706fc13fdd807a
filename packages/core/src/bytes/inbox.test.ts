import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Inbox } from "./inbox.ts";
import { Spares } from "./spares.ts";

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
            box.own(expected);
            lent.fill(0xee); // the host overwrites its memory: what waits must not see it
          }
          assert.deepEqual(waiting(box), model);
          assert.equal(box.length, model.length);
          // Views handed out earlier must not change, so a lent chunk is only left alone if not owned.
          if (!own) box.own(expected);
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
    box.own(0);
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

  it("with spares, overwrites nothing that it has handed out before the turn ends", () => {
    const step = fc.record({
      chunk: fc.uint8Array({ minLength: 1, maxLength: 40 }),
      take: fc.nat(60),
      expected: fc.nat(200),
      box: fc.nat(2),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const spares = new Spares(1 << 10, 3);
        const boxes = [0, 1, 2].map(() => ({ box: new Inbox(spares), model: [] as number[] }));
        for (const { chunk, take, expected, box: which } of steps) {
          spares.turn();
          const { box, model } = boxes[which] as (typeof boxes)[number];
          box.append(chunk.slice(), expected);
          model.push(...chunk);
          const taken = Math.min(take, box.length);
          const view = box.bytes.subarray(box.from, box.from + taken);
          box.from += taken;
          const bytes = model.splice(0, taken);
          if (box.length === 0) box.clear();
          else box.own(expected);
          assert.deepEqual([...view], bytes);
          for (const each of boxes) assert.deepEqual(waiting(each.box), each.model);
        }
      }),
    );
  });

  it("gathers one large request after the other in the same memory", () => {
    const spares = new Spares(1 << 20);
    const box = new Inbox(spares);
    const memory = new Set<ArrayBufferLike>();
    const size = 262_200;
    for (let request = 0; request < 20; request++) {
      for (let left = size; left > 0; left -= 65_536) {
        if (spares.given) spares.turn();
        box.append(new Uint8Array(Math.min(left, 65_536)), size);
        box.own(size);
      }
      assert.equal(box.length, size);
      if (request > 2) memory.add(box.bytes.buffer);
      box.from = box.to;
      box.own(0);
    }
    assert.equal(memory.size, 1);
  });

  it("takes no memory on a peer's word", () => {
    const spares = new Spares(1 << 20);
    const box = new Inbox(spares);
    box.append(new Uint8Array(20), 1 << 30);
    box.own(1 << 30);
    assert.ok(box.bytes.length <= 80, `${box.bytes.length} bytes for 20`);
    box.append(new Uint8Array(20), 1 << 30);
    assert.ok(box.bytes.length <= 1 << 17, `${box.bytes.length} bytes for 40`);
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
