import assert from "node:assert/strict";
import { test } from "node:test";
import { ExchangePool } from "./exchange-pool.ts";
import type { Lanes } from "./lanes.ts";
import type { Session } from "./session.ts";

const session = { id: 1 } as unknown as Session;
const other = { id: 2 } as unknown as Session;

test("what is written and off its link is used again, as new, and forgets its client", () => {
  const pool = new ExchangePool();
  const first = pool.take(session);
  first.done = true;
  first.cut = true;
  first.linkId = 7;
  pool.written(first);
  assert.equal(first.session, null);
  const again = pool.take(other);
  assert.equal(again, first);
  assert.deepEqual(
    { ...again, session: null },
    { ...new ExchangePool().take(other), session: null },
  );
  assert.equal(again.session, other);
  assert.notEqual(pool.take(other), first, "it is taken once only");
});

test("what is dead, on a link, or no plain forward is not", () => {
  const pool = new ExchangePool();
  const dead = pool.take(session);
  dead.dead = true;
  const under = pool.take(session);
  under.lanes = {} as Lanes;
  const held = pool.take(session);
  held.plain = false;
  const all = [dead, under, held];
  for (const exchange of all) pool.written(exchange);
  assert.equal(all.includes(pool.take(session)), false, "one of them was used again");
});

test("keeps a bounded number", () => {
  const pool = new ExchangePool();
  const all = Array.from({ length: 2_000 }, () => pool.take(session));
  for (const exchange of all) pool.written(exchange);
  const again = new Set(Array.from({ length: 2_000 }, () => pool.take(session)));
  assert.equal(all.filter((exchange) => again.has(exchange)).length, 1_024);
});
