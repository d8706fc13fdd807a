/** What is kept of a session is what another router knows of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SessionRecord } from "@echarde/core";
import { SessionKeeper } from "./session-keeper.ts";
import { SessionState } from "./session-state.ts";

/** Keeps the items of one session, as hosts do. */
class Store {
  items: Map<string, Uint8Array> = new Map<string, Uint8Array>();

  add(record: SessionRecord): void {
    if (record.type === "begin" && record.anew) this.items = new Map();
    if (record.type === "put") this.items.set(record.item, record.value.slice());
    if (record.type === "remove") this.items.delete(record.item);
  }

  /** A session that knows what is kept. */
  restored(): SessionState {
    const state = new SessionState();
    state.restore(this.items);
    return state;
  }
}

test("that a session was not followed is kept until it begins anew", () => {
  const store = new Store();
  const state = new SessionState();
  state.keptBy(new SessionKeeper(store, "client"));
  state.stands(false, 1_000);
  assert.equal(store.restored().followed, false);
  assert.equal(store.restored().broken, false);
  state.breaks();
  assert.equal(store.restored().broken, true);
  state.begin(["a"]);
  state.stands(true, 1_000);
  assert.equal(store.restored().followed, true);
  assert.equal(store.restored().broken, false);
});
