/** Bytes of an answer that leave before its next round. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bytesOf, forward, fragment, local, part, Stage } from "../test/scripted.ts";
import type { Fragment } from "./plan.ts";

describe("the lead of a round", () => {
  const second: Fragment = {
    ...fragment([part("B\n")], () => local("end\n")),
    lead: [bytesOf("begin ")],
  };
  const stage = (): Stage =>
    new Stage({
      plan: (line) => (line === "two" ? fragment([part("A\n")], () => second) : forward()),
    }).client();

  it("leaves before the round's replies are there", () => {
    const all = stage();
    assert.equal(all.bytes("client 1", "two\n"), "a open a:1");
    assert.equal(all.opened("a"), 'a "A\\n"');
    assert.equal(all.bytes("a", "one\n"), 'client 1 "begin "; a "B\\n"');
    assert.equal(all.router.heldBytes, 0);
    assert.equal(all.bytes("a", "two\n"), 'client 1 "end\\n"');
  });

  it("waits for the answers before it", () => {
    const all = stage();
    assert.equal(all.bytes("client 1", "x\ntwo\n"), "a open a:1");
    assert.equal(all.opened("a"), 'a "x\\nA\\n"');
    assert.equal(all.bytes("a", "one\ntwo\n"), 'client 1 "one\\nbegin "; a "B\\n"');
    assert.equal(all.bytes("a", "three\n"), 'client 1 "end\\n"');
  });
});
