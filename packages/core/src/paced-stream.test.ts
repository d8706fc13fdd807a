/** Streams whose parts are kept in step, and that are followed by another round. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bytesOf, forward, fragment, local, part, Stage, textOf } from "../test/scripted.ts";
import type { NextPlan, StreamFragment } from "./plan.ts";

const lane = "private" as const;

/** What was heard of each part; a part is ahead when it has more lines than another that goes on. */
function paced(next: () => NextPlan): StreamFragment {
  const lines = [0, 0];
  const ended = [false, false];
  const merge = {
    broken: false,
    held: 0,
    piece: (at: number, bytes: Uint8Array, end: boolean) => {
      lines[at] = (lines[at] as number) + 1;
      ended[at] = end;
      return [bytes];
    },
    failed: (at: number) => {
      ended[at] = true;
      return [bytesOf(`<${at} failed>`)];
    },
    ahead: (at: number) =>
      !ended.includes(true) && (lines[at] as number) > (lines[1 - at] as number),
    next,
  };
  const frames = 3;
  const parts = [part("A\n", { lane, frames }), part("B\n", { lane, frames, cluster: 1 })];
  return { type: "stream", parts, merge, hold: false, silent: false, timeout: -1 };
}

function stage(next: () => NextPlan = () => local("end\n")): Stage {
  const all = new Stage({
    plan: (line) => (line === "stream" ? paced(next) : forward()),
  }).client();
  all.bytes("client 1", "stream\n");
  all.opened("a/private 1");
  all.opened("b/private 1");
  return all;
}

describe("a stream whose parts are kept in step", () => {
  it("reads no further what is ahead, until the others have come along", () => {
    const all = stage();
    assert.equal(all.bytes("a/private 1", "1\n"), 'client 1 "1\\n"; a/private 1 pause');
    assert.equal(all.bytes("b/private 1", "1\n"), 'client 1 "1\\n"; a/private 1 read');
    assert.equal(all.bytes("b/private 1", "2\n"), 'client 1 "2\\n"; b/private 1 pause');
    assert.match(all.bytes("a/private 1", "2\n3\n"), /b\/private 1 read/);
    assert.equal(all.bytes("b/private 1", "3\n"), 'client 1 "3\\nend\\n"');
    assert.equal(all.router.heldBytes, 0);
  });

  it("goes on with what is ahead when the other is lost", () => {
    const all = stage();
    all.bytes("a/private 1", "1\n");
    assert.match(all.lost("b/private 1"), /client 1 "<1 failed>"; a\/private 1 read/);
    assert.equal(all.bytes("a/private 1", "2\n3\n"), 'client 1 "2\\n3\\nend\\n"');
  });

  it("does not read what is ahead because the client takes bytes again", () => {
    const all = stage();
    all.bytes("a/private 1", "1\n");
    assert.equal(all.full("client 1", 10), "b/private 1 pause");
    assert.equal(all.drained("client 1"), "b/private 1 read");
  });

  it("leaves what is no longer ahead unread while the client takes nothing", () => {
    const all = stage();
    all.bytes("a/private 1", "1\n");
    all.full("client 1", 10);
    assert.equal(all.bytes("b/private 1", "1\n"), 'client 1 "1\\n"');
    assert.match(all.drained("client 1"), /a\/private 1 read/);
  });
});

describe("a stream that is followed by another round", () => {
  it("sends it when all parts have ended", () => {
    const all = stage(() =>
      fragment([part("C\n", { lane })], ([reply]) => local(`${reply?.frames.map(textOf)}!\n`)),
    );
    all.bytes("a/private 1", "1\n2\n3\n");
    assert.match(all.bytes("b/private 1", "1\n2\n3\n"), /a\/private 1 .*"C\\n"/);
    assert.equal(all.bytes("a/private 1", "4\n"), 'client 1 "4\\n!\\n"');
  });

  it("takes nothing back when a part fails before its turn", () => {
    const all = new Stage({
      plan: (line) => (line === "x" ? forward({ lane }) : paced(() => local("end\n"))),
    }).client();
    all.bytes("client 1", "x\nstream\n");
    all.opened("a/private 1");
    all.opened("b/private 1");
    all.bytes("b/private 1", "1\n");
    all.lost("b/private 1");
    const did = all.bytes("a/private 1", "one\n1\n2\n3\n");
    assert.equal(did, 'client 1 "one\\n1\\n<1 failed>1\\n2\\n3\\nend\\n"');
  });
});
