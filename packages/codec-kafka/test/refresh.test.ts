/** Offsets on foreign clusters outlive their retention while their consumer lives; the clock is the test's. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Bench, day, hour } from "./group-bench.ts";

describe("idle offsets of a foreign cluster", () => {
  test("are kept as long as the member lives, and no longer", () => {
    const bench = new Bench();
    bench.members.set("m1", [
      ["a-t", [0]],
      ["b-t", [0, 1]],
    ]);
    bench.members.set("m2", [["b-t", [2]]]);
    const client = bench.client();
    client.commit("b-t", 0, 17n);
    client.commit("b-t", 2, 5n);
    bench.pass(30 * day, () => client.beat("m1"));
    const { offset, epoch, metadata } = bench.committed("b-t", 0) ?? {};
    assert.deepEqual([offset, epoch, metadata], [17n, 3, "m"]);
    assert.equal(bench.offset("b-t", 0), 17n);
    assert.equal(bench.offset("b-t", 1), null, "never committed");
    assert.equal(bench.offset("b-t", 2), null, "assigned to another, who is not here");
    assert.ok(bench.now - (bench.committed("b-t", 0)?.at ?? 0) < 2 * day, "once a day");
    bench.members.delete("m1");
    bench.pass(10 * day, () => client.beat("m1"));
    assert.equal(bench.offset("b-t", 0), null);
  });

  test("are read and committed once a day; nothing is asked of clusters that own no topic of the member", () => {
    const bench = new Bench();
    bench.members.set("m1", [["b-t", [0]]]);
    const client = bench.client();
    client.commit("b-t", 0, 17n);
    bench.asked();
    bench.pass(10 * day, () => client.beat("m1"));
    const asked = bench.asked();
    assert.deepEqual([...new Set(asked)], ["OffsetFetch", "OffsetCommit"]);
    assert.ok(asked.length >= 18 && asked.length <= 22, `${asked.length} requests`);
    bench.members.set("m1", [["a-t", [0, 1]]]);
    bench.pass(10 * day, () => client.beat("m1"));
    assert.deepEqual(bench.asked(), []);
  });

  test("are kept by connections that last a moment, one after the other", () => {
    const bench = new Bench();
    bench.members.set("m1", [["b-t", [0]]]);
    const first = bench.client();
    first.commit("b-t", 0, 17n);
    first.leave();
    bench.pass(30 * day, () => {
      const client = bench.client();
      client.beat("m1");
      bench.run(bench.router.tick(bench.now));
      client.leave();
    });
    assert.equal(bench.offset("b-t", 0), 17n);
  });

  test("that the client commits meanwhile are left alone", () => {
    const bench = new Bench();
    bench.members.set("m1", [["b-t", [0, 1]]]);
    const client = bench.client();
    client.commit("b-t", 0, 17n);
    client.commit("b-t", 1, 20n);
    bench.asked();
    let commits = 0;
    bench.read = () => {
      if (commits > 0) return;
      commits += 1;
      client.commit("b-t", 0, 18n);
    };
    bench.pass(2 * day, () => client.beat("m1"));
    assert.equal(commits, 1);
    assert.equal(bench.offset("b-t", 0), 18n);
    assert.equal(bench.offset("b-t", 1), 20n);
  });

  test("are tried again when the cluster is away, or the group takes in members", () => {
    const bench = new Bench();
    bench.members.set("m1", [["b-t", [0]]]);
    const client = bench.client();
    client.commit("b-t", 0, 17n);
    bench.state = "PreparingRebalance";
    bench.pass(3 * day, () => client.beat("m1"));
    assert.equal(bench.committed("b-t", 0)?.at, 1_000_000);
    bench.state = "Stable";
    bench.pass(2 * hour, () => client.beat("m1"));
    const again = bench.committed("b-t", 0)?.at ?? 0;
    assert.ok(again > 3 * day, "as soon as the group stands");
    bench.down = true;
    bench.pass(5 * day, () => client.beat("m1"));
    bench.down = false;
    bench.pass(2 * hour, () => client.beat("m1"));
    assert.ok((bench.committed("b-t", 0)?.at ?? 0) > again + 5 * day, "as soon as it is back");
    assert.equal(bench.offset("b-t", 0), 17n);
  });
});
