import assert from "node:assert/strict";
import { test } from "node:test";
import type { SessionRecord } from "@echarde/core";
import { Deliveries } from "./deliveries.ts";
import { expiryOf } from "./expiry.ts";
import { SessionKeeper } from "./session-keeper.ts";

/** A PUBLISH with the topic "t", and what the client gets of it: its id, 0 = it is held. */
function deliver(to: Deliveries, broker: string, id: number, qos: 1 | 2 = 1, dup = false): number {
  const frame = Uint8Array.of(0x30 | (qos << 1) | (dup ? 8 : 0), 6, 0, 1, 116, 0, id, 120);
  const chunks = to.publish(broker, qos, frame, 5, (bytes) => bytes.slice());
  if (chunks.length === 0) return 0;
  const bytes = chunks.flatMap((chunk) => [...chunk]);
  return ((bytes[5] as number) << 8) | (bytes[6] as number);
}

test("what comes again keeps its id, whatever came before it", () => {
  const deliveries = new Deliveries();
  assert.equal(deliver(deliveries, "a", 1), 1);
  assert.equal(deliver(deliveries, "b", 1), 2);
  deliveries.resume();
  assert.equal(deliver(deliveries, "a", 2), 3, "ids of what is to come again are not given away");
  assert.equal(deliver(deliveries, "b", 1, 1, true), 2);
  assert.equal(deliver(deliveries, "a", 1, 1, true), 1);
  const origin = deliveries.answered("puback", 2, 0);
  assert.equal(typeof origin === "object" && origin?.broker, "b");
  assert.equal(deliveries.answered("puback", 2, 0), null);
});

test("another message under the broker's id is another one for the client", () => {
  const deliveries = new Deliveries();
  assert.equal(deliver(deliveries, "a", 1), 1);
  deliveries.resume();
  assert.equal(deliveries.answered("puback", 1, 0), null, "the client has not got it again yet");
  assert.equal(deliver(deliveries, "a", 1), 2);
  assert.equal(deliver(deliveries, "b", 1, 2, true), 3);
  assert.equal(deliveries.answered("puback", 1, 0), null);
});

test("what is to come again does not count as waiting for the client, until it has come", () => {
  const deliveries = new Deliveries();
  deliveries.window = 2;
  assert.deepEqual(
    [1, 2, 3].map((id) => deliver(deliveries, "a", id)),
    [1, 2, 0],
  );
  deliveries.resume();
  assert.equal(deliveries.heldBytes, 0, "the broker sends what was held once more");
  assert.deepEqual(
    [1, 2].map((id) => deliver(deliveries, "b", id)),
    [3, 4],
  );
  assert.equal(deliver(deliveries, "a", 1, 1, true), 0, "held");
  assert.ok(deliveries.answered("puback", 3, 0) !== null, "the first of b is known");
  const [head, id] = deliveries.next();
  assert.deepEqual([...(head ?? []), ...(id ?? [])].slice(0, 7), [0x3a, 6, 0, 1, 116, 0, 1]);
  assert.equal(deliver(deliveries, "a", 2, 1, true), 0);
  deliveries.resume();
  assert.equal(deliver(deliveries, "a", 2, 1, true), 2, "held does not lose the id either");
});

test("a session that begins anew has all ids again", () => {
  const deliveries = new Deliveries();
  deliveries.window = 1;
  assert.equal(deliver(deliveries, "a", 1), 1);
  deliveries.resume();
  deliveries.clear();
  assert.equal(deliver(deliveries, "a", 9), 2);
  assert.equal(deliver(deliveries, "a", 8), 0, "the window counts from nothing");
});

test("only what answers a message as it stands is taken", () => {
  const deliveries = new Deliveries();
  assert.deepEqual([deliver(deliveries, "a", 1), deliver(deliveries, "a", 2, 2)], [1, 2]);
  const wrong = [
    ...[deliveries.answered("pubrec", 1, 0), deliveries.answered("pubcomp", 1, 0)],
    ...[deliveries.answered("puback", 2, 0), deliveries.answered("pubcomp", 2, 0)],
  ];
  assert.deepEqual(wrong, ["wrong", "wrong", "wrong", "wrong"]);
  for (const packet of ["pubrec", "pubrec", "pubcomp"] as const) {
    assert.equal(typeof deliveries.answered(packet, 2, 0), "object", packet);
  }
  assert.equal(deliveries.answered("pubcomp", 2, 0), null, "said twice");
});

test("ids may begin anywhere", () => {
  const deliveries = new Deliveries();
  deliveries.beginAfter(65_533 + 65_535);
  assert.deepEqual(
    [1, 2, 3].map((id) => deliver(deliveries, "a", id)),
    [65_534, 65_535, 1],
  );
});

test("what is restored keeps its id, and counts once its broker speaks of it", () => {
  const deliveries = new Deliveries();
  deliveries.window = 1;
  deliveries.restore([
    { clientId: 9, broker: "a", brokerId: 1 },
    { clientId: 1, broker: "b", brokerId: 1 },
  ]);
  assert.equal(deliver(deliveries, "a", 5), 2, "ids that are taken are not given away");
  assert.equal(typeof deliveries.answered("puback", 2, 0), "object");
  assert.equal(deliver(deliveries, "a", 1, 2, true), 9);
  assert.equal(deliver(deliveries, "b", 7), 0, "the client has one to answer");
  assert.equal(deliveries.released("b", 1), 1, "PUBREL alone is as good");
  assert.equal(typeof deliveries.answered("pubcomp", 1, 0), "object");
  assert.equal(deliveries.released("b", 1), 0);
});

test("the id of a message that its broker has forgotten is free once the client has released it", () => {
  const deliveries = new Deliveries();
  assert.equal(deliver(deliveries, "a", 1, 2), 1);
  assert.equal(deliver(deliveries, "a", 2, 1), 2);
  assert.equal(deliver(deliveries, "b", 1, 2), 3);
  deliveries.abandon("a");
  assert.deepEqual(deliveries.abandoned, [1]);
  assert.equal(deliver(deliveries, "a", 1, 2), 4, "the broker begins anew");
  const origin = deliveries.answered("pubcomp", 1, 0);
  assert.deepEqual([typeof origin === "object" && origin?.broker, deliveries.abandoned], ["", []]);
  assert.equal(deliveries.answered("puback", 2, 0), null, "QoS 1 needs no end");
});

test("a keeper hears of QoS 2 alone: when an id is given, and when it is free", () => {
  const deliveries = new Deliveries();
  const heard: string[] = [];
  const add = (record: SessionRecord): void => {
    heard.push(`${record.type} ${"item" in record ? record.item : ""}`);
  };
  deliveries.keeper = new SessionKeeper({ add }, "c");
  deliver(deliveries, "a", 1, 1);
  deliver(deliveries, "a", 2, 2);
  deliver(deliveries, "a", 2, 2, true);
  deliveries.answered("puback", 1, 0);
  deliveries.answered("pubrec", 2, 0);
  assert.deepEqual(heard, ["put d2"]);
  deliveries.answered("pubcomp", 2, 0);
  assert.deepEqual(heard, ["put d2", "remove d2"]);
});

/** A QoS 1 PUBLISH with so many seconds to live, at `now`; what the client gets of it. */
function deliverFor(
  to: Deliveries,
  { id, seconds, now, dup = false }: { id: number; seconds: number; now: number; dup?: boolean },
): readonly number[] {
  const frame = Uint8Array.of(dup ? 0x3a : 0x32, 11, 0, 1, 116, 0, id, 5, 2, 0, 0, 0, seconds);
  const expiry = expiryOf(frame, 9, now);
  return to.publish("a", 1, frame, 5, (bytes) => bytes.slice(), now, expiry).flatMap((b) => [...b]);
}

test("what has waited has so many seconds less, and what has expired is not sent", () => {
  const deliveries = new Deliveries();
  deliveries.window = 1;
  assert.equal(deliverFor(deliveries, { id: 1, seconds: 5, now: 0 }).at(-1), 5);
  for (const [id, seconds] of [2, 200, 3, 90].entries()) {
    assert.deepEqual(deliverFor(deliveries, { id: id + 2, seconds, now: 0 }), []);
  }
  deliveries.answered("puback", 1, 0);
  const [due] = deliveries.next(3_000);
  assert.deepEqual([due?.[6], due?.at(-1)], [2, 197], "the broker's third, under the next id");
  assert.deepEqual(
    deliveries.takeExpired().map(({ brokerId }) => brokerId),
    [2],
    "at its last moment one is in time",
  );
  deliveries.answered("puback", 2, 0);
  const last = deliveries.next(3_001);
  assert.equal(last[0]?.at(-1), 87, "part of a second counts as none");
  assert.deepEqual(
    deliveries.takeExpired().map(({ broker, brokerId, qos }) => ({ broker, brokerId, qos })),
    [{ broker: "a", brokerId: 4, qos: 1 }],
  );
  assert.deepEqual([deliveries.takeExpired(), deliveries.heldBytes], [[], 0]);
  assert.deepEqual(deliverFor(deliveries, { id: 2, seconds: 9, now: 4_000 }), [], "its id is free");
});

test("interval 0 does not expire on its way", () => {
  const deliveries = new Deliveries();
  assert.equal(deliverFor(deliveries, { id: 1, seconds: 0, now: 7 }).at(-1), 0);
});

test("what expires behind others goes when room is needed", () => {
  const deliveries = new Deliveries();
  deliveries.window = 1;
  deliverFor(deliveries, { id: 1, seconds: 9, now: 0 });
  deliverFor(deliveries, { id: 2, seconds: 9, now: 0 });
  deliverFor(deliveries, { id: 3, seconds: 1, now: 0 });
  deliveries.expire(2_000);
  assert.deepEqual([deliveries.takeExpired().length, deliveries.heldBytes], [1, 13]);
});

test("what waits and is sent once more by its broker comes once", () => {
  for (const qos of [1, 2] as const) {
    const deliveries = new Deliveries();
    deliveries.window = 1;
    deliver(deliveries, "b", 1);
    assert.equal(deliver(deliveries, "a", 1, qos), 0);
    assert.equal(deliver(deliveries, "a", 2, qos), 0);
    const bytes = deliveries.heldBytes;
    for (const id of [1, 2]) assert.equal(deliver(deliveries, "a", id, qos, true), 0);
    assert.equal(deliveries.heldBytes, bytes);
    const seen: (number | undefined)[] = [];
    for (let id = 1; id < 5; id++) {
      deliveries.answered(id === 1 || qos === 1 ? "puback" : "pubrec", id, 0x80);
      seen.push(...deliveries.next().flatMap((chunk) => (chunk.length > 5 ? [chunk[6]] : [])));
    }
    assert.deepEqual([seen, deliveries.heldBytes], [[2, 3], 0]);
  }
});
