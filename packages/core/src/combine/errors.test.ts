import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { latin1 } from "../bytes/latin1.ts";
import type { Failure, FailureReason, Reply } from "../plan.ts";
import { anySuccess, firstError, firstFailure, frameOf } from "./errors.ts";

const errorOf = (frame: Uint8Array): Uint8Array | null => (frame[0] === 45 ? frame : null);
const ok = (text: string): Reply => ({ frames: [latin1(text)], failure: null });
const failed = (reason: FailureReason, own: string | null = null): Reply => {
  const failure: Failure = {
    reason,
    cluster: reason,
    sent: true,
    reply: own === null ? null : latin1(own),
  };
  return { frames: [], failure };
};

describe("errors of split requests", () => {
  test("none when all succeed; the last frame says so", () => {
    assert.equal(firstError([ok("+a"), ok("+b")], errorOf), null);
    assert.equal(firstError([], errorOf), null);
    const two = { frames: [latin1("-x"), latin1("+y")], failure: null };
    assert.equal(firstError([two], errorOf), null);
    assert.deepEqual(frameOf(two), latin1("+y"));
    assert.equal(frameOf({ frames: [], failure: null }), null);
    assert.equal(frameOf(undefined), null);
    assert.equal(frameOf({ ...failed("lost"), frames: [latin1("+half")] }), null);
  });

  test("a server's own error stands before ours, whatever their order", () => {
    const replies = [ok("+"), failed("lost"), ok("-first"), ok("-second")];
    assert.deepEqual(firstError(replies, errorOf), { own: latin1("-first") });
    assert.deepEqual(firstError([failed("handshake", "-no")], errorOf)?.own, latin1("-no"));
  });

  test("else the first part without a reply, and how many there are", () => {
    const replies = [ok("+"), failed("timeout"), failed("lost"), ok("+")];
    const failure = replies[1]?.failure;
    assert.deepEqual(firstError(replies, errorOf), { own: null, failure, failed: 2, succeeded: 2 });
    assert.equal(firstFailure(replies)?.reason, "timeout");
    assert.equal(firstFailure([ok("-x")]), null);
  });

  test("any success", () => {
    assert.deepEqual(
      anySuccess([failed("lost"), ok("-e"), ok("+1"), ok("+2")], errorOf),
      latin1("+1"),
    );
    assert.equal(anySuccess([failed("lost"), ok("-e")], errorOf), null);
  });
});
