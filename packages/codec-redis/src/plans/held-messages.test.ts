import assert from "node:assert/strict";
import { it } from "node:test";
import { HeldMessages } from "./held-messages.ts";

it("holds copies, gives them once, and counts anew behind that", () => {
  const messages = new HeldMessages();
  const frame = Uint8Array.of(1, 2, 3);
  assert.equal(messages.hold(frame), true);
  frame.fill(9);
  assert.deepEqual(messages.release(), [Uint8Array.of(1, 2, 3)]);
  assert.deepEqual(messages.release(), []);
  const most = new Uint8Array(8 << 20);
  assert.equal(messages.hold(most), true);
  assert.equal(messages.hold(frame), false);
  messages.release();
  assert.equal(messages.hold(most), true);
});
