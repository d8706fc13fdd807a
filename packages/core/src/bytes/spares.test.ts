import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Spares } from "./spares.ts";

describe("Spares", () => {
  it("gives the same memory again, but not within the turn that it came back in", () => {
    const spares = new Spares(64, 3);
    const memory = spares.take(9, 9, 9);
    assert.equal(memory.length, 16);
    spares.give(memory.fill(7));
    assert.equal(spares.given, true);
    assert.notEqual(spares.take(9, 9, 9), memory);
    assert.deepEqual([...memory], Array<number>(16).fill(7));
    spares.turn();
    assert.equal(spares.given, false);
    assert.equal(spares.take(16, 0, 0), memory);
    assert.notEqual(spares.take(16, 0, 0), memory);
  });

  it("makes what was asked for, not what is wished", () => {
    const spares = new Spares(1 << 20, 3);
    assert.equal(spares.take(2, 1000, 3).length, 3);
    assert.equal(spares.take(5, 1000, 7).length, 8);
    assert.equal(spares.take(5, 6, 100).length, 8);
    assert.equal(spares.take(50, 1000, 7).length, 64);
    const large = spares.take(1000, 0, 0);
    spares.give(large);
    spares.turn();
    assert.equal(spares.take(5, 1000, 7), large, "a wish costs nothing when it is here");
  });

  it("keeps a bounded number of bytes, and nothing that is small, large or not its own", () => {
    const spares = new Spares(64, 3);
    const held = [32, 16, 16, 8].map((size) => spares.take(size, 0, 0));
    for (const memory of held) spares.give(memory);
    for (const size of [4, 24, 4 << 20]) spares.give(new Uint8Array(size));
    spares.turn();
    assert.deepEqual(
      [32, 16, 16, 8].map((size) => held.includes(spares.take(size, 0, 0))),
      [true, true, true, false],
    );
    spares.give(held[3] as Uint8Array);
    spares.turn();
    assert.equal(spares.take(8, 0, 0), held[3], "what is taken makes room");
  });
});
