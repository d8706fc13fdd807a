/** Commits on foreign clusters, which know no members: home says who is one. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Bench } from "./group-bench.ts";

describe("a commit on a foreign cluster", () => {
  test("of a member counts", () => {
    const bench = new Bench();
    bench.members.set("m1", [["b-t", [0]]]);
    const client = bench.client();
    assert.deepEqual(client.commit("b-t", 0, 1n), [0]);
    bench.beating = 27;
    assert.deepEqual(client.commit("b-t", 0, 2n), [0], "before it joins again");
    assert.equal(bench.offset("b-t", 0), 2n);
  });

  test("of one that is a member no more is refused in home's words", () => {
    const bench = new Bench();
    bench.members.set("m1", [["b-t", [0]]]);
    const client = bench.client();
    client.commit("b-t", 0, 1n);
    assert.deepEqual(client.commit("b-t", 0, 9n, { memberId: "m0" }), [25]);
    bench.beating = 22;
    assert.deepEqual(client.commit("b-t", 0, 9n), [22]);
    bench.beating = 16;
    assert.deepEqual(client.commit("b-t", 0, 9n), [16], "home has moved: to be asked again");
    assert.equal(bench.offset("b-t", 0), 1n);
  });

  test("of nobody in particular counts while the group has no members", () => {
    const bench = new Bench();
    const client = bench.client();
    const nobody = { memberId: "", generationIdOrMemberEpoch: -1 };
    bench.state = "Dead";
    assert.deepEqual(client.commit("b-t", 0, 1n, nobody), [0]);
    bench.state = "Empty";
    assert.deepEqual(client.commit("b-t", 0, 2n, nobody), [0]);
    for (const state of ["Stable", "PreparingRebalance"]) {
      bench.state = state;
      assert.deepEqual(client.commit("b-t", 0, 9n, nobody), [25]);
    }
    assert.equal(bench.offset("b-t", 0), 2n);
  });
});
