/** Networks and servers that misbehave while clients go on: every answer is right, or an error that names the cluster. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { afterEach, describe, it } from "node:test";
import { skipWithout } from "@echarde/testkit/servers";
import { Load } from "./load.ts";
import { query, type Shards, startShards, write } from "./shards.ts";

describe("faults under load", { skip: skipWithout("influxd") }, () => {
  let shards: Shards;
  let load: Load;

  /** `timeout`: milliseconds of a request; long where none may time out, however busy the machine is. */
  async function begin(timeout = 60_000): Promise<void> {
    shards = await startShards({
      relayed: true,
      codec: { split: [{ measurement: "cpu", by: ["host"] }], queryTimeout: timeout },
      timeouts: { request: timeout },
    });
    load = new Load(shards);
    await load.begin();
  }
  afterEach(async () => {
    // Clients must not go on against servers that have ended.
    await load?.stop().catch(() => undefined);
    await shards?.close();
  });

  /** Nothing is left over, every request had its answer. */
  async function end(): Promise<void> {
    await load.stop();
    assert.equal(shards.router.stats().heldBytes, 0, "bytes held");
  }

  it("a server is slow", async () => {
    await begin();
    shards.relays[2]?.set({ toClient: { delayMs: 20 }, toServer: { delayMs: 20 } });
    await load.more(20);
    shards.relays[2]?.set({});
    await load.more(20);
    await end();
    assert.deepEqual([load.failed, load.cut], [[0, 0, 0], 0]);
  });

  it("a server is too slow", async () => {
    await begin(8_000);
    load.sick.add(2);
    shards.relays[2]?.set({ toClient: { delayMs: 20_000 } });
    await load.fails(6, 2);
    await load.more(20, [0, 1]);
    // What is late must not answer behind what comes now.
    shards.relays[2]?.reset();
    shards.relays[2]?.set({});
    await load.heals(2);
    await end();
  });

  it("bytes arrive one by one", async () => {
    await begin();
    shards.relays[1]?.set({ toClient: { oneByte: true }, toServer: { oneByte: true } });
    await load.more(5);
    shards.relays[1]?.set({});
    await load.more(20);
    await end();
    assert.deepEqual([load.failed, load.cut], [[0, 0, 0], 0]);
  });

  it("connections are reset again and again", async () => {
    await begin();
    load.sick.add(0);
    for (let i = 0; i < 20; i++) {
      shards.relays[0]?.reset();
      await load.more(2, [1, 2]);
    }
    await load.heals(0);
    await load.more(20);
    await end();
  });

  it("connections are reset in mid-reply", async () => {
    await begin();
    load.sick.add(1);
    for (let i = 0; i < 12; i++) {
      const before = load.failed[1] as number;
      shards.relays[1]?.set({ toClient: { cutAfter: 40 + i * 137 } });
      await load.fails(1, 1);
      shards.relays[1]?.set({});
      await load.more(2, [1]);
      assert.ok((load.failed[1] as number) > before, "a reply was cut");
    }
    await load.heals(1);
    await load.more(20);
    await end();
  });

  it("a server stops in mid-reply", async () => {
    await begin(8_000);
    load.sick.add(1);
    for (const bytes of [1, 420]) {
      shards.relays[1]?.set({ toClient: { stallAfter: bytes } });
      await load.fails(3, 1);
      await load.more(5, [0, 2]);
      shards.relays[1]?.reset();
      shards.relays[1]?.set({});
      await load.more(2, [1]);
    }
    await load.heals(1);
    await end();
  });

  it("a server never answers, and takes no bytes", async () => {
    await begin(8_000);
    load.sick.add(1);
    shards.relays[1]?.set({ toClient: { stallAfter: 0 }, toServer: { stallAfter: 0 } });
    await load.fails(6, 1);
    await load.more(20, [0, 2]);
    shards.relays[1]?.reset();
    shards.relays[1]?.set({});
    await load.heals(1);
    await end();
  });

  it("a server takes no connections", async () => {
    await begin();
    load.sick.add(2);
    shards.relays[2]?.set({ refuse: true });
    shards.relays[2]?.reset();
    await load.fails(8, 2);
    await load.more(20, [0, 1]);
    shards.relays[2]?.set({});
    await load.heals(2);
    await end();
  });

  it("a machine vanishes", async () => {
    await begin(8_000);
    load.sick.add(0);
    shards.relays[0]?.set({ halfOpen: true });
    await load.fails(6, 0);
    await load.more(20, [1, 2]);
    shards.relays[0]?.reset();
    shards.relays[0]?.set({});
    await load.heals(0);
    await end();
  });

  it("a server sends garbage", async () => {
    await begin();
    load.sick.add(1);
    for (const garbage of [
      "HTTP/1.1 abc\r\n\r\n",
      "\0\0\0\0",
      '{"results":[{"statement_id":0}]}\n',
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ]) {
      for (let i = 0; i < 5; i++) {
        shards.relays[1]?.inject(garbage);
        await load.more(2, [0, 2]);
      }
    }
    await load.heals(1);
    await load.more(20);
    await end();
  });

  it("all servers die, and come back one by one", async () => {
    await begin();
    for (const i of [0, 1, 2]) load.sick.add(i);
    await Promise.all(shards.servers.map((server) => server.kill()));
    for (const i of [0, 1, 2]) await load.fails(2, i);
    for (const i of [2, 0, 1]) {
      await shards.servers[i]?.restart();
      await load.more(2, [i]);
    }
    for (const i of [2, 0, 1]) await load.heals(i);
    await load.more(10);
    await end();
  });

  it("clients go amid requests and answers", async () => {
    await begin();
    const lines = Array.from({ length: 500 }, (_, i) => `gone,host=h${i} v=${i} 1`).join("\n");
    const head = `POST /write?db=d HTTP/1.1\r\nHost: x\r\nContent-Length: ${lines.length}\r\n\r\n`;
    const q = encodeURIComponent("SELECT v FROM cpu; SELECT sum(v) FROM cpu");
    const get = `GET /query?db=d&q=${q} HTTP/1.1\r\nHost: x\r\n\r\n`;
    for (let i = 0; i < 40; i++) {
      const socket = connect(shards.port, "127.0.0.1");
      socket.on("error", () => undefined);
      const closed = new Promise((resolve) => socket.once("close", resolve));
      const bytes = [head + lines, head + lines.slice(0, 777), get.repeat(20), get.slice(0, 50)];
      await new Promise<unknown>((resolve) => socket.write(bytes[i % 4] as string, resolve));
      if (i % 8 < 4) socket.resetAndDestroy();
      else if (i % 3 === 0) {
        await new Promise((resolve) => {
          socket.once("data", resolve);
          if (i % 2 === 1) resolve(null); // half a request has no answer
        });
        socket.destroy();
      } else socket.destroy();
      await closed;
    }
    await load.more(20);
    await end();
    assert.deepEqual([load.failed, load.cut], [[0, 0, 0], 0]);
  });

  it("a client never reads its answer", async () => {
    await begin();
    const text = "x".repeat(1_000);
    for (let from = 0; from < 12_000; from += 3_000) {
      const lines = Array.from({ length: 3_000 }, (_, i) => {
        return `wide,host=h${i % 40} s="${text}" ${from + i}`;
      });
      assert.equal((await write(shards.port, lines.join("\n"), { db: "d" })).status, 204);
    }
    // cpu alone is split: these 12 MB come from one server, the others from all.
    const silent = [
      "SELECT s FROM wide",
      "SELECT s FROM wide, cpu",
      "SELECT s FROM /wide|cpu/",
    ].map((q) => {
      const socket = connect(shards.port, "127.0.0.1");
      socket.on("error", () => undefined);
      socket.pause();
      socket.write(`GET /query?db=d&q=${encodeURIComponent(q)} HTTP/1.1\r\nHost: x\r\n\r\n`);
      return socket;
    });
    try {
      for (let i = 0; i < 10; i++) {
        await load.more(3);
        const { heldBytes } = shards.router.stats();
        assert.ok(heldBytes < 10_000_000, `${heldBytes} bytes are held`);
      }
      const { body } = await query(shards.port, "SELECT count(s) FROM wide");
      assert.match(body, /12000\]\]/);
    } finally {
      for (const socket of silent) socket.destroy();
    }
    await load.more(10);
    await load.stop();
    // The router hears of the closed clients with the next turns of its loop.
    for (let i = 0; shards.router.stats().heldBytes > 0; i++) {
      assert.ok(i < 500, `${shards.router.stats().heldBytes} bytes are held`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.deepEqual([load.failed, load.cut], [[0, 0, 0], 0]);
  });
});
