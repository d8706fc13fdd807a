/** What a host relies on, at the border to core. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouter, type Router } from "@echarde/core";
import { lines } from "../test/line-codec.ts";

function router(reusesInput: boolean): Router {
  const table = { clusters: { a: { endpoints: ["127.0.0.1:1"] } }, defaultCluster: "a" };
  return createRouter({ codec: lines(), table, reusesInput });
}

test("with reusesInput, input may be a Buffer, whose slice is a view", () => {
  const machine = router(true);
  const input = Buffer.from("key one\n");
  const [opening] = machine.bytes(machine.open(1), input, 1).list;
  assert.ok(opening?.open);
  input.fill("#");
  const [written] = machine.opened(opening.peer, 2).list;
  assert.equal(Buffer.concat(written?.write ?? []).toString(), "key one\n");
});

test("full for a client that the router has ended changes nothing", () => {
  const machine = router(false);
  const client = machine.open(1);
  assert.equal(machine.bytes(client, Buffer.from("bye\n"), 1).list[0]?.end, "flush");
  assert.equal(machine.full(client, 1_000_000, 2).deadline, Number.POSITIVE_INFINITY);
});
