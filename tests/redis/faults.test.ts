/** Servers that die, hang, lie and come back while clients go on. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, type TestContext } from "node:test";
import { encodeCommand, skipWithout } from "@echarde/testkit/servers";
import { Load, type LoadOptions } from "./load.ts";
import { type Shards, startShards } from "./shards.ts";

const skip = skipWithout("redis-server");

describe("faults under load", { skip }, () => {
  let shards: Shards;
  let load: Load;
  beforeEach(async () => {
    shards = await startShards({ relayed: true, timeouts: { request: "1s", connect: "1s" } });
  });
  afterEach(() => shards.close());

  async function begin(options: LoadOptions = {}): Promise<void> {
    load = new Load(shards, options);
    await load.more(200);
  }

  /** Nothing is left over, every request had its outcome. */
  async function end(context: TestContext): Promise<void> {
    await load.stop();
    context.diagnostic(load.summary());
    assert.equal(shards.router.stats().heldBytes, 0, "bytes held");
  }

  /** The server answers again: within a second when it was restarted, else when its time-outs are over. */
  async function recovers(server: number, within = 1_000): Promise<void> {
    const since = performance.now();
    await load.more(1, [server]);
    const took = performance.now() - since;
    assert.ok(took < within, `back after ${Math.round(took)} ms`);
    load.heal(server);
  }

  it("a server is killed, and restarted on its port", async (context) => {
    await begin();
    load.sick.add(1);
    await shards.servers[1]?.kill();
    await load.fails(200, 1);
    await load.more(500, [0, 2]);
    await shards.servers[1]?.restart();
    await recovers(1);
    await load.more(500);
    await end(context);
  });

  it("a server hangs, and goes on", async (context) => {
    await begin();
    load.sick.add(0);
    shards.servers[0]?.suspend();
    await load.fails(200, 0);
    await load.more(500, [1, 2]);
    shards.servers[0]?.resume();
    await recovers(0, 5_000);
    await load.more(500);
    await end(context);
  });

  it("a server is slow", async (context) => {
    await begin();
    shards.relays[2]?.set({ toClient: { delayMs: 20 }, toServer: { delayMs: 20 } });
    await load.more(1_000, [0, 1]);
    await load.more(200, [2]);
    shards.relays[2]?.set({});
    await load.more(500);
    await end(context);
    assert.equal(load.outcomes.words.size, 0);
  });

  it("a server is too slow", async (context) => {
    await begin();
    load.sick.add(2);
    shards.relays[2]?.set({ toClient: { delayMs: 2_000 } });
    await load.fails(200, 2);
    await load.more(500, [0, 1]);
    shards.relays[2]?.set({});
    await recovers(2, 5_000);
    await load.more(500);
    await end(context);
  });

  it("bytes arrive one by one", async (context) => {
    await begin({ depth: 5, mixed: 1, perServer: 1 });
    shards.relays[1]?.set({ toClient: { oneByte: true } });
    await load.more(20);
    shards.relays[1]?.set({});
    await load.more(200);
    await end(context);
    assert.equal(load.outcomes.words.size, 0);
  });

  it("connections are reset again and again", async (context) => {
    await begin({ mayClose: true });
    load.sick.add(0);
    for (let i = 0; i < 20; i++) {
      shards.relays[0]?.reset();
      await load.more(20);
    }
    await load.more(500);
    await end(context);
  });

  it("connections are reset in mid-reply", async (context) => {
    await begin({ padding: 3_000, mayClose: true });
    load.sick.add(0);
    for (let i = 0; i < 20; i++) {
      shards.relays[0]?.set({ toClient: { cutAfter: 1_000 + i * 1_777 } });
      await load.fails(1, 0);
      shards.relays[0]?.set({});
      await load.more(20, [0]);
    }
    await load.more(200);
    await end(context);
    assert.ok(load.outcomes.cut > 0, "a reply was cut");
  });

  it("a server sends garbage", async (context) => {
    await begin({ mayClose: true });
    load.sick.add(1);
    for (const garbage of ["?what\r\n", "\r\n\r\n", "$x\r\n", "*-7\r\n", "\0\0\0\0"]) {
      // Between two pipelines it hurts nobody: the link is closed, and the next one opened.
      const before = load.outcomes.failed[1];
      for (let i = 0; i < 200 && load.outcomes.failed[1] === before; i++) {
        shards.relays[1]?.inject(garbage);
        await load.more(10, [1]);
      }
      assert.notEqual(load.outcomes.failed[1], before, JSON.stringify(garbage));
      await load.more(50);
    }
    await end(context);
    assert.ok([...load.outcomes.words.keys()].join().includes("upstream protocol error"));
  });

  it("a server never answers", async (context) => {
    shards.relays[1]?.set({ toClient: { stallAfter: 0 } });
    load = new Load(shards);
    load.sick.add(1);
    await load.fails(300, 1);
    await load.more(500, [0, 2]);
    shards.relays[1]?.set({});
    await recovers(1);
    await end(context);
  });

  it("a server takes no connections", async (context) => {
    await begin();
    load.sick.add(2);
    shards.relays[2]?.set({ refuse: true });
    shards.relays[2]?.reset();
    await load.fails(300, 2);
    await load.more(500, [0, 1]);
    shards.relays[2]?.set({});
    await recovers(2);
    await end(context);
  });

  it("a machine vanishes", async (context) => {
    await begin();
    load.sick.add(0);
    shards.relays[0]?.set({ halfOpen: true });
    await load.fails(200, 0);
    await load.more(500, [1, 2]);
    shards.relays[0]?.reset();
    shards.relays[0]?.set({});
    await recovers(0, 5_000);
    await end(context);
  });

  it("all servers die, and come back one by one", async (context) => {
    await begin();
    for (const i of [0, 1, 2]) load.sick.add(i);
    await Promise.all(shards.servers.map((server) => server.kill()));
    for (const i of [0, 1, 2]) await load.fails(100, i);
    for (const i of [2, 0, 1]) {
      await shards.servers[i]?.restart();
      await recovers(i);
    }
    await load.more(200);
    await end(context);
  });

  it("clients go in mid-pipeline", async (context) => {
    await begin();
    const pipeline = Buffer.concat(
      Array.from({ length: 500 }, (_, i) => encodeCommand("INCRBY", `gone:${i}`, "1")),
    );
    for (let i = 0; i < 40; i++) {
      const client = await shards.connect();
      client.send(i % 2 === 0 ? pipeline : pipeline.subarray(0, 5_001));
      if (i % 4 < 2) client.reset();
      else if (i % 8 < 4) client.end();
      else await client.reply();
      await client.close();
    }
    await load.more(500);
    await end(context);
    assert.equal(load.outcomes.words.size, 0);
  });
});
