import assert from "node:assert/strict";
import { it } from "node:test";
import { allocate } from "./slab.ts";

it("what is cut from a block belongs to one owner alone, and is zero", () => {
  const pieces: Uint8Array[] = [];
  for (let i = 0; i < 400; i++) {
    const length = (i * 37) % 1500;
    const piece = allocate(length);
    assert.equal(piece.length, length);
    assert.ok(
      piece.every((byte) => byte === 0),
      "zero bytes",
    );
    pieces.push(piece.fill(i % 251));
  }
  for (const [i, piece] of pieces.entries()) {
    assert.ok(
      piece.every((byte) => byte === i % 251),
      `piece ${i} is untouched`,
    );
  }
});
