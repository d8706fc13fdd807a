import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { skipWithout } from "./programs.ts";
import { connectRaw, type RawClient } from "./raw.ts";
import { type RedisServer, startRedis } from "./redis-server.ts";
import { type Relay, type RelayOptions, startRelay } from "./relay.ts";
import { encodeCommand } from "./resp.ts";

const skip = skipWithout("redis-server");
const redis: RedisServer | null = skip === false ? await startRedis() : null;
after(() => redis?.stop());

const PING = encodeCommand("PING");

function wasReset(error: Error): boolean {
  return (error.cause as NodeJS.ErrnoException | undefined)?.code === "ECONNRESET";
}

async function through(
  options: RelayOptions,
  body: (client: RawClient, relay: Relay) => Promise<void>,
): Promise<void> {
  const relay = await startRelay((redis as RedisServer).port, options);
  const client = await connectRaw(relay.port);
  try {
    await body(client, relay);
  } finally {
    await client.close();
    await relay.close();
  }
}

test("a healthy relay passes both directions and both ends", { skip }, async () => {
  await through({}, async (client, relay) => {
    const value = Buffer.alloc(3_000_000, "x");
    client.send(encodeCommand("SET", "large", value));
    client.send(encodeCommand("GET", "large"));
    const [ok, large] = await client.replies(2);
    assert.equal(String(ok), "+OK\r\n");
    assert.equal(large?.length, value.length + "$3000000\r\n\r\n".length);
    assert.equal(relay.connections, 1);
    const sent = encodeCommand("SET", "large", value).length + encodeCommand("GET", "large").length;
    assert.deepEqual(relay.passed, {
      toServer: sent,
      toClient: "+OK\r\n$3000000\r\n\r\n".length + value.length,
    });
    client.end();
    await client.closed;
  });
});

test("delay: the reply comes later and in order", { skip }, async () => {
  await through({ toClient: { delayMs: 100 } }, async (client, relay) => {
    const start = performance.now();
    client.send(PING);
    client.send(encodeCommand("ECHO", "a"));
    assert.deepEqual((await client.replies(2)).map(String), ["+PONG\r\n", "$1\r\na\r\n"]);
    const took = performance.now() - start;
    assert.ok(took >= 99, `${took} ms`);
    relay.set({});
    client.send(PING);
    await client.reply(90);
  });
});

test("cut: the bytes before it come, then a reset", { skip }, async () => {
  await through({ toClient: { cutAfter: 10 } }, async (client) => {
    client.send(Buffer.concat([PING, PING]));
    assert.equal(String(await client.reply()), "+PONG\r\n");
    await assert.rejects(client.reply(), wasReset);
    assert.equal(String(client.rest), "+PO");
  });
});

test("stall: nothing comes after so many bytes, until it is healed", { skip }, async () => {
  await through({ toClient: { stallAfter: 9 } }, async (client, relay) => {
    client.send(Buffer.concat([PING, PING]));
    await client.reply();
    await assert.rejects(client.reply(100), /0 of 1 replies came in 100 ms/);
    assert.equal(String(client.rest), "+P");
    relay.set({});
    assert.equal(String(await client.reply()), "+PONG\r\n");
  });
});

test("one byte at a time: the same replies in many chunks", { skip }, async () => {
  await through({ toClient: { oneByte: true }, toServer: { oneByte: true } }, async (client) => {
    let chunks = 0;
    client.socket.on("data", () => chunks++);
    client.send(encodeCommand("ECHO", "0123456789"));
    assert.equal(String(await client.reply()), "$10\r\n0123456789\r\n");
    assert.ok(chunks > 5, `${chunks} chunks`);
  });
});

test("half open: silence, and no end", { skip }, async () => {
  await through({}, async (client, relay) => {
    client.send(PING);
    await client.reply();
    relay.set({ halfOpen: true });
    client.send(PING);
    client.end();
    await assert.rejects(client.reply(100), /in 100 ms/);
    assert.equal(client.ended, false);
  });
});

test("refuse, inject and reset", { skip }, async () => {
  await through({}, async (client, relay) => {
    client.send(PING);
    await client.reply();
    relay.inject("+surplus\r\n");
    assert.equal(String(await client.reply()), "+surplus\r\n");
    relay.inject(PING, "toServer");
    assert.equal(String(await client.reply()), "+PONG\r\n");
    relay.reset();
    await assert.rejects(client.reply(), wasReset);
    assert.equal(relay.connections, 0);
    relay.set({ refuse: true });
    const refused = await connectRaw(relay.port).catch(() => null);
    if (refused !== null) await assert.rejects(refused.reply());
    assert.equal(relay.accepted, 2);
    await refused?.close();
  });
});

test("a client's reset reaches the server's side", { skip }, async () => {
  await through({}, async (client, relay) => {
    client.send(PING);
    await client.reply();
    client.reset();
    for (let tries = 0; relay.connections > 0 && tries < 100; tries++) await sleep(10);
    assert.equal(relay.connections, 0);
  });
});

test("a target that is gone is a reset", { skip }, async () => {
  const target = await startRedis();
  const relay = await startRelay(target.port);
  await target.stop();
  const client = await connectRaw(relay.port).catch(() => null);
  if (client !== null) await client.closed;
  await sleep(10);
  assert.equal(relay.connections, 0);
  await client?.close();
  await relay.close();
});
