/** One process's sessions: what is kept, what is not heeded, what is forgotten, a file that cannot be written. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { SessionRecord } from "@echarde/core";
import { AppendLog } from "../state/append-log.ts";
import { readSessionFile } from "./session-files.ts";
import { SessionStore } from "./session-store.ts";

const value = (text: string): Uint8Array => Buffer.from(text);
const begin = (session: string, idle = 1_000, anew = false): SessionRecord => {
  return { type: "begin", session, anew, idle };
};
const put = (session: string, item: string, text = item): SessionRecord => {
  return { type: "put", session, item, value: value(text) };
};

describe("sessions of a process", () => {
  const folder = mkdtempSync(join(tmpdir(), "echarde-sessions-"));
  after(() => rmSync(folder, { recursive: true }));
  let files = 0;

  /** A store with a clock that stands, what it tells, and its file. */
  function make(path = join(folder, `${++files}.log`)): {
    store: SessionStore;
    told: string[];
    clock: { now: number };
    path: string;
    log: AppendLog;
  } {
    const told: string[] = [];
    const clock = { now: 1_000_000 };
    const events = {
      begun: (session: string, epoch: number): void => void told.push(`begun ${session} ${epoch}`),
      forgotten: (session: string): void => void told.push(`forgotten ${session}`),
      failing: (error: Error | null): void => void told.push(error === null ? "well" : "failing"),
    };
    const log = new AppendLog(path);
    return { store: new SessionStore(log, events, () => clock.now), told, clock, path, log };
  }
  const itemsOf = (store: SessionStore, session: string): string[] | null | undefined => {
    const kept = store.claim(session, false);
    return kept && [...kept.items].map(([name, bytes]) => `${name}=${Buffer.from(bytes)}`);
  };

  test("are in the file as they are in memory", () => {
    const { store, told, path } = make();
    store.grant("a", 7, null);
    store.keep([begin("a"), put("a", "x"), put("a", "y"), put("a", "x", "z")]);
    store.keep([{ type: "remove", session: "a", item: "y" }]);
    assert.deepEqual(itemsOf(store, "a"), ["x=z"]);
    assert.deepEqual(told, ["begun a 7"]);
    const read = readSessionFile(path).get("a");
    assert.deepEqual(
      [read?.epoch, read?.inUse, read?.idle, [...(read?.items.keys() ?? [])]],
      [7, true, 1_000, ["x"]],
    );
    const next = make(path);
    next.store.load(readSessionFile(path));
    assert.deepEqual(next.store.claim("a", false)?.current, false, "begun in another life");
    assert.deepEqual(itemsOf(next.store, "a"), ["x=z"]);
  });

  test("of a connection that has no right to it (any more) are not heeded", () => {
    const { store, path } = make();
    store.keep([begin("a"), put("a", "x")]);
    assert.equal(store.claim("a", false), undefined);
    store.grant("a", 1, null);
    store.keep([begin("a"), put("a", "x")]);
    assert.deepEqual([...(store.take("a")?.items.keys() ?? [])], ["x"]);
    store.keep([put("a", "y"), { type: "rest", session: "a", until: 9e15 }, begin("a")]);
    assert.equal(store.claim("a", false), undefined);
    assert.deepEqual([...(readSessionFile(path).get("a")?.items.keys() ?? [])], ["x"]);
  });

  test("are forgotten when their time is over, and when they begin anew", () => {
    const { store, clock, path } = make();
    for (const session of ["a", "b", "c"]) store.grant(session, 1, null);
    store.keep([begin("a"), put("a", "x"), begin("b"), put("b", "x"), begin("c"), put("c", "x")]);
    store.keep([{ type: "rest", session: "a", until: clock.now + 10 }]);
    assert.deepEqual(itemsOf(store, "a"), ["x=x"]);
    clock.now += 10;
    assert.equal(itemsOf(store, "a"), null);
    assert.equal(store.claim("b", true), null);
    store.keep([begin("b"), begin("c", 5, true)]);
    assert.deepEqual(itemsOf(store, "b"), []);
    assert.deepEqual(itemsOf(store, "c"), []);
    assert.deepEqual([...readSessionFile(path).keys()].sort(), ["b", "c"]);
  });

  test("that were in use when their process ended rest as long as they may", () => {
    const first = make();
    first.store.grant("a", 1, null);
    first.store.keep([begin("a", 50), put("a", "x")]);
    const second = make(first.path);
    second.store.load(readSessionFile(first.path));
    second.clock.now += 49;
    assert.deepEqual(itemsOf(second.store, "a"), ["x=x"]);
    second.clock.now += 1;
    assert.equal(itemsOf(second.store, "a"), null);
  });

  test("are written anew once the file can be written again", () => {
    const { store, told, clock, path, log } = make();
    store.grant("a", 1, null);
    store.keep([begin("a")]);
    const { append } = log;
    log.append = () => {
      throw new Error("no space left");
    };
    store.keep([put("a", "x")]);
    assert.equal(store.failing, true);
    assert.deepEqual(itemsOf(store, "a"), ["x=x"], "who is connected goes on");
    log.append = append;
    store.keep([put("a", "y")]);
    assert.equal(store.failing, true, "it is tried once a second");
    clock.now += 1_000;
    store.keep([put("a", "z")]);
    assert.deepEqual(told, ["begun a 1", "failing", "well"]);
    assert.deepEqual([...(readSessionFile(path).get("a")?.items.keys() ?? [])], ["x", "y", "z"]);
  });

  test("of too many, those that rest longest are forgotten", () => {
    const { store, clock } = make();
    const count = 100_001;
    const records: SessionRecord[] = [];
    for (let i = 0; i < count; i++) {
      store.grant(`s${i}`, 1, null);
      records.push(begin(`s${i}`, 9e9), { type: "rest", session: `s${i}`, until: clock.now + 9e9 });
      if (records.length >= 20_000) store.keep(records.splice(0));
    }
    store.keep(records);
    assert.ok(store.sessions.size <= 100_000, `${store.sessions.size} are kept`);
    assert.equal(store.sessions.has("s0"), false);
    assert.equal(store.sessions.has(`s${count - 1}`), true);
  });
});
