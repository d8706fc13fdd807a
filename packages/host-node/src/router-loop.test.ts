/** The loop over sockets that do what the test says: another runtime's could stand there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createRouter } from "@echarde/core";
import { lines } from "../test/line-codec.ts";
import { formatAddress } from "./address.ts";
import { RouterLoop } from "./router-loop.ts";
import type { Socket, SocketEvents, Sockets } from "./sockets.ts";

class FakeSocket implements Socket {
  readonly log: string[] = [];
  write(chunks: readonly Uint8Array[]): number {
    this.log.push(`write ${Buffer.concat(chunks).toString("latin1")}`);
    return 0;
  }
  pause(): void {
    this.log.push("pause");
  }
  resume(): void {
    this.log.push("resume");
  }
  end(): void {
    this.log.push("end");
  }
  destroy(): void {
    this.log.push("destroy");
  }
}

interface Dial {
  readonly address: string;
  readonly socket: FakeSocket;
  readonly events: SocketEvents;
}

function fakes(endpoints: readonly string[]): { loop: RouterLoop; dials: Dial[] } {
  const dials: Dial[] = [];
  const sockets: Sockets = {
    reusesInput: true,
    listen: () => Promise.reject(new Error("not here")),
    dial: (address, events) => {
      const dial = { address: formatAddress(address), socket: new FakeSocket(), events };
      dials.push(dial);
      return dial.socket;
    },
  };
  const router = createRouter({
    codec: lines(),
    table: { clusters: { a: { endpoints } }, defaultCluster: "a" },
    limits: { connectTimeout: 200 },
    reusesInput: true,
  });
  return { loop: new RouterLoop(router, sockets, () => undefined), dials };
}

const nextTurn = (): Promise<void> => sleep(2);

test("gathers a turn's bytes into one write for each socket", async () => {
  const { loop, dials } = fakes(["127.0.0.1:1"]);
  const sockets = [new FakeSocket(), new FakeSocket()];
  const clients = sockets.map((socket) => loop.accept(socket));
  for (const [i, client] of clients.entries()) client.bytes(Buffer.from(`k${i} 1\nk${i} 2\n`));
  dials[0]?.events.opened();
  clients[0]?.bytes(Buffer.from("k0 3\n"));
  assert.deepEqual(dials[0]?.socket.log, []);
  await nextTurn();
  assert.deepEqual(dials[0]?.socket.log, ["write k0 1\nk0 2\nk1 1\nk1 2\nk0 3\n"]);
  dials[0]?.events.bytes(Buffer.from("one\ntwo\nthree\n"));
  dials[0]?.events.bytes(Buffer.from("four\nfive\n"));
  await nextTurn();
  assert.deepEqual(
    sockets.map(({ log }) => log),
    [["write one\ntwo\nfive\n"], ["write three\nfour\n"]],
  );
  loop.stop();
  assert.deepEqual(dials[0]?.socket.log.at(-1), "destroy");
});

test("a dial that gets no answer gives way to the next endpoint, and what it says later is not heard", async () => {
  const { loop, dials } = fakes(["127.0.0.1:1", "unix:/second"]);
  const socket = new FakeSocket();
  const client = loop.accept(socket);
  client.bytes(Buffer.from("k 1\n"));
  while (dials.length < 2) await nextTurn();
  assert.deepEqual(dials.map(({ address }) => address).slice(0, 2), [
    "127.0.0.1:1",
    "unix:/second",
  ]);
  const [first, second] = dials;
  assert.deepEqual(first?.socket.log, ["destroy"]);
  first?.events.opened();
  first?.events.bytes(Buffer.from("stale\n"));
  await nextTurn();
  assert.deepEqual(second?.socket.log, []);
  second?.events.opened();
  await nextTurn();
  assert.deepEqual(second?.socket.log, ["write k 1\n"]);
  first?.events.lost(null);
  second?.events.bytes(Buffer.from("answer\n"));
  await nextTurn();
  assert.deepEqual(socket.log, ["write answer\n"]);
  loop.stop();
});

test("the last answer is written before the end, and a client that ended is not heard", async () => {
  const { loop } = fakes(["127.0.0.1:1"]);
  const socket = new FakeSocket();
  const client = loop.accept(socket);
  client.bytes(Buffer.from("bye\n"));
  client.bytes(Buffer.from("bye\n"));
  assert.equal(loop.clients, 1);
  await nextTurn();
  assert.deepEqual(socket.log, ["write bye\n", "end"]);
  assert.equal(loop.clients, 0);
  client.lost(null);
  loop.stop();
});

test("drain waits no longer than it is told", async () => {
  const { loop } = fakes(["127.0.0.1:1"]);
  const client = loop.accept(new FakeSocket());
  client.bytes(Buffer.from("k 1\n"));
  const began = performance.now();
  await loop.drain(20);
  assert.ok(performance.now() - began < 500);
  assert.equal(loop.clients, 1);
  loop.stop();
  assert.equal(loop.clients, 0);
});
