import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Attempts } from "./attempts.ts";

describe("attempts", () => {
  let now = 0;

  test("so many wrong ones at once, then one a second, for each address", () => {
    const attempts = new Attempts(3, () => now);
    for (let i = 0; i < 3; i++) {
      assert.ok(attempts.allows("10.0.0.1"), `attempt ${i}`);
      attempts.wrong("10.0.0.1");
    }
    assert.ok(!attempts.allows("10.0.0.1"), "the fourth is not checked");
    assert.ok(!attempts.allows("::ffff:10.0.0.1"), "nor as it looks on a v6 socket");
    assert.ok(attempts.allows("10.0.0.2"), "another address is");
    assert.ok(attempts.allows(null), "a Unix socket is");
    now += 999;
    assert.ok(!attempts.allows("10.0.0.1"), "not yet");
    now += 1;
    assert.ok(attempts.allows("10.0.0.1"), "after a second");
    attempts.wrong("10.0.0.1");
    assert.ok(!attempts.allows("10.0.0.1"), "one a second");
    now += 3_000;
    for (let i = 0; i < 3; i++) attempts.wrong("10.0.0.1");
    assert.ok(!attempts.allows("10.0.0.1"), "never more than three at once");
  });

  test("addresses of one IPv6 network are one", () => {
    const attempts = new Attempts(1, () => now);
    attempts.wrong("2001:db8:1:2:3:4:5:6");
    assert.ok(!attempts.allows("2001:db8:1:2::9"), "the same /64");
    assert.ok(attempts.allows("2001:db8:1:3::9"), "another /64");
    attempts.wrong("2001:db8::1");
    assert.ok(!attempts.allows("2001:db8::2"), "the same /64, written short");
    assert.ok(attempts.allows("2001:db8:0:1::2"), "another one");
  });

  test("the table is bounded: who was wrong longest ago is forgotten first", () => {
    const attempts = new Attempts(1, () => now);
    for (let i = 0; i < 10_001; i++) attempts.wrong(`host ${i}`);
    assert.ok(attempts.allows("host 0"), "forgotten");
    assert.ok(!attempts.allows("host 1"), "known");
    assert.ok(!attempts.allows("host 10000"), "known");
  });

  test("0 = no limit", () => {
    const attempts = new Attempts(0, () => now);
    for (let i = 0; i < 1_000; i++) attempts.wrong("a");
    assert.ok(attempts.allows("a"), "any number");
  });
});
