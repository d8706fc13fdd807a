import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Arena, type Block } from "./arena.ts";

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

describe("Arena", () => {
  it("puts copies side by side", () => {
    const arena = new Arena(16, 16, 16);
    const first = arena.copy(bytes(3, 1), 0, 3);
    assert.equal(arena.from, 0);
    assert.equal(arena.copy(Uint8Array.of(9, 2, 2, 9), 1, 3), first);
    assert.equal(arena.from, 3);
    assert.deepEqual([...(first?.bytes.subarray(0, 6) ?? [])], [1, 1, 1, 2, 2, 0]);
  });

  it("has no room for what is large, nor beyond its blocks", () => {
    const arena = new Arena(16, 16, 16);
    assert.equal(arena.copy(bytes(9, 1), 0, 9), null);
    for (const length of [8, 8]) assert.notEqual(arena.copy(bytes(length, 1), 0, length), null);
    assert.equal(arena.copy(bytes(1, 1), 0, 1), null);
  });

  it("uses a block again, but not within the turn that released it", () => {
    const arena = new Arena(16, 16, 16);
    const blocks = [8, 8].map((length) => arena.copy(bytes(length, 7), 0, length) as Block);
    for (const block of blocks) arena.release(block);
    assert.equal(arena.copy(bytes(8, 1), 0, 8), null);
    assert.deepEqual([...(blocks[0] as Block).bytes], [...bytes(16, 7)]);
    assert.equal(arena.spent, true);
    arena.turn();
    assert.equal(arena.spent, false);
    assert.equal(arena.copy(bytes(8, 1), 0, 8), blocks[0]);
  });

  it("begins small, and makes room for what is larger", () => {
    const arena = new Arena(64, 4, 32);
    const sizes = [4, 8, 9, 16].map((length) => arena.copy(bytes(length, 1), 0, length));
    assert.deepEqual(
      sizes.map((block) => block?.bytes.length),
      [4, 8, 16, 32],
    );
    assert.equal(arena.copy(bytes(17, 1), 0, 17), null);
  });

  it("keeps every copy as it is until the turn after its release", () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant("copy" as const), length: fc.integer({ min: 1, max: 12 }) }),
      fc.record({ do: fc.constant("release" as const), which: fc.nat(50) }),
      fc.record({ do: fc.constant("turn" as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const arena = new Arena(28, 4, 16);
        const made = new Set<Block>();
        let live: { block: Block; view: Uint8Array; value: number }[] = [];
        let released: typeof live = [];
        let value = 0;
        for (const one of steps) {
          if (one.do === "copy") {
            value = (value % 255) + 1;
            const block = arena.copy(bytes(one.length, value), 0, one.length);
            if (block === null) continue;
            made.add(block);
            const view = block.bytes.subarray(arena.from, arena.from + one.length);
            live.push({ block, view, value });
          } else if (one.do === "release") {
            const [gone] = live.splice(one.which % Math.max(1, live.length), 1);
            if (gone === undefined) continue;
            arena.release(gone.block);
            released.push(gone);
          } else {
            arena.turn();
            released = [];
          }
          for (const { view, value: expected } of [...live, ...released]) {
            assert.ok(
              view.every((byte) => byte === expected),
              `a copy of ${expected} reads ${view}`,
            );
          }
        }
        const inUse = new Set(live.map(({ block }) => block));
        const held = [...inUse].reduce((sum, { bytes: { length } }) => sum + length, 0);
        assert.ok(held <= 28, `blocks of ${held} bytes are in use`);
        for (const { block } of live) arena.release(block);
        live = [];
        arena.turn();
        assert.notEqual(arena.copy(bytes(8, 1), 0, 8), null);
        for (const { copies } of made) assert.ok(copies >= 0 && copies <= 1, `${copies} copies`);
      }),
      { numRuns: 500 },
    );
  });
});
