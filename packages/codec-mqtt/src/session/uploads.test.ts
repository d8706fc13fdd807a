import assert from "node:assert/strict";
import { test } from "node:test";
import * as type from "../wire/packet-types.ts";
import { Uploads } from "./uploads.ts";

const packet = (id: number): Uint8Array => Uint8Array.of(0x34, 5, 0, 1, 116, 0, id);

test("a broker that is there again gets what it has not answered to, in order", () => {
  const uploads = new Uploads();
  for (const id of [1, 2, 3, 4]) uploads.publish(id, 2, "a", packet(id), id < 4);
  uploads.publish(5, 2, "b", packet(5));
  uploads.answered(type.PUBREC, 2, 0, "a");
  uploads.answered(type.PUBREC, 3, 0, "a");
  uploads.release(3, []);
  assert.deepEqual(
    uploads.resend("a", 4, 0).packets.map((bytes) => [...bytes]),
    [
      [0x3c, 5, 0, 1, 116, 0, 1],
      [0x62, 2, 0, 3],
      [0x34, 5, 0, 1, 116, 0, 4],
    ],
  );
  assert.deepEqual([...(uploads.resend("a", 4, 0).packets[2] ?? [])], [0x3c, 5, 0, 1, 116, 0, 4]);
});

test("bytes of packets count as long as they may be sent again", () => {
  const uploads = new Uploads();
  uploads.publish(1, 1, "a", packet(1));
  uploads.publish(2, 2, "a", packet(2));
  uploads.publish(1, 1, "a", packet(1));
  assert.equal(uploads.heldBytes, 14);
  uploads.answered(type.PUBREC, 2, 0, "a");
  assert.equal(uploads.heldBytes, 7);
  uploads.rest();
  assert.equal(uploads.heldBytes, 0);
  assert.deepEqual(
    uploads.resend("a", 5, 0).packets,
    [],
    "the client has gone: it sends them again",
  );
  uploads.answered(type.PUBACK, 1, 0, "a");
  assert.equal(uploads.heldBytes, 0);
});

test("what was kept has the seconds that are left, and is dropped when none are", () => {
  const expiring = (id: number): Uint8Array =>
    Uint8Array.of(0x32, 11, 0, 1, 116, 0, id, 5, 2, 0, 0, 0, 10, 1);
  const qos2 = (id: number): Uint8Array => expiring(id).with(0, 0x34);
  const uploads = new Uploads();
  uploads.publish(1, 1, "a", expiring(1), false, 5_000);
  uploads.publish(2, 1, "a", expiring(2), true, 5_000);
  uploads.publish(3, 2, "a", qos2(3), false, 5_000);
  uploads.publish(4, 1, "a", expiring(4), false, 9_000);
  const { packets, dropped } = uploads.resend("a", 5, 15_001);
  assert.deepEqual(
    packets.map((packet) => [packet[0], packet[6], packet[12]]),
    [
      [0x3a, 2, 1], // it was begun; 0 would be for ever
      [0x32, 4, 4],
    ],
  );
  assert.deepEqual(
    dropped.map((packet) => [...packet]),
    [
      [0x40, 2, 0, 1],
      [0x50, 2, 0, 3],
    ],
  );
  assert.deepEqual(uploads.resend("a", 5, 15_001).dropped, [], "once");
  assert.equal(uploads.release(3, ["a"]), null, "no broker has had it");
  assert.deepEqual(uploads.release(3, ["a"]), ["a"], "nobody knows it any more");
  assert.equal(uploads.heldBytes, 28);
});
