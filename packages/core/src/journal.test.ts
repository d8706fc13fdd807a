import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bytesOf } from "../test/scripted.ts";
import { Journal, type Slot } from "./journal.ts";

const slot = (name: string, text: string, more: Partial<Slot> = {}): Slot => ({
  name,
  rank: 1,
  identity: true,
  initial: false,
  packet: bytesOf(text),
  packets: null,
  ...more,
});

describe("Journal", () => {
  it("keeps the newest value of a slot, in the order of ranks", () => {
    const journal = Journal.empty
      .with(slot("select", "1", { rank: 2 }))
      .with(slot("auth", "me"))
      .with(slot("select", "2", { rank: 2 }));
    assert.deepEqual(
      journal.slots.map(({ name }) => name),
      ["auth", "select"],
    );
    assert.deepEqual(journal.get("select")?.packet, bytesOf("2"));
    assert.equal(journal.get("name"), undefined);
    assert.equal(Journal.empty.slots.length, 0);
  });

  it("has equal keys for equal identities only", () => {
    const one = Journal.empty.with(slot("auth", "me"));
    assert.equal(one.key, Journal.empty.with(slot("auth", "me")).key);
    assert.notEqual(one.key, Journal.empty.with(slot("auth", "you")).key);
    assert.notEqual(one.key, Journal.empty.key);
    assert.equal(one.with(slot("name", "x", { identity: false })).key, one.key);
    assert.equal(one.with(slot("select", "0", { initial: true })).key, one.key);
    // Lengths are part of it: one slot cannot look like two.
    const two = Journal.empty.with(slot("a", "x")).with(slot("b", "y"));
    assert.notEqual(two.key, Journal.empty.with(slot("a", "xb=1:y")).key);
  });

  it("replays to shared links what is identity, to private ones all", () => {
    const [auth, name] = [slot("auth", "me"), slot("name", "x", { identity: false })];
    const journal = Journal.empty.with(auth).with(name);
    assert.deepEqual(journal.since(Journal.empty, false), [auth]);
    assert.deepEqual(journal.since(Journal.empty, true), [auth, name]);
    assert.deepEqual(journal.since(Journal.empty.with(auth), true), [name]);
    assert.deepEqual(journal.since(journal, true), []);
  });

  it("replays a value that restores the initial one only where another was heard", () => {
    const [one, zero] = [slot("select", "1"), slot("select", "0", { initial: true })];
    const again = slot("select", "0", { initial: true });
    const back = Journal.empty.with(zero);
    assert.deepEqual(back.since(Journal.empty, true), []);
    assert.deepEqual(back.since(Journal.empty.with(one), true), [zero]);
    assert.deepEqual(Journal.empty.with(again).since(back, true), []);
    assert.deepEqual(Journal.empty.with(one).since(back, true), [one]);
  });
});
