import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ConfigError } from "@echarde/core";
import { lines } from "../test/line-codec.ts";
import { type Address, createShardServer, type ShardServer } from "./index.ts";

const ends: (() => unknown)[] = [];
after(async () => {
  for (const end of ends.reverse()) await end();
});

/** A server of the model protocol: answers each line with `NAME LINE`, or with `big N` by N bytes. */
class Shard {
  readonly server: Server;
  readonly sockets: Set<Socket> = new Set<Socket>();
  accepted = 0;
  received = 0;
  mute = false;

  constructor(name: string) {
    this.server = createServer((socket) => {
      this.accepted += 1;
      this.sockets.add(socket);
      let text = "";
      socket.on("data", (chunk: Buffer) => {
        this.received += chunk.length;
        text += chunk.toString("latin1");
        const whole = text.split("\n");
        text = whole.pop() ?? "";
        if (this.mute) return;
        for (const line of whole) {
          const size = /^\S+ big (\d+)$/.exec(line)?.[1];
          socket.write(size === undefined ? `${name} ${line}\n` : `${"x".repeat(Number(size))}\n`);
        }
      });
      socket.on("error", () => {});
      socket.on("close", () => this.sockets.delete(socket));
    });
  }

  async start(port = 0): Promise<number> {
    this.server.listen(port, "127.0.0.1");
    await once(this.server, "listening");
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, "close");
  }
}

async function shard(name: string): Promise<{ shard: Shard; port: number }> {
  const made = new Shard(name);
  ends.push(() => made.stop());
  return { shard: made, port: await made.start() };
}

async function serve(
  ports: Readonly<Record<string, number>>,
  more: object = {},
): Promise<ShardServer> {
  const server = await createShardServer({
    codec: lines(),
    listen: "127.0.0.1:0",
    table: tableOf(ports),
    ...more,
  });
  ends.push(() => server.close());
  return server;
}

function tableOf(ports: Readonly<Record<string, number>>): object {
  const names = Object.keys(ports);
  return {
    protocol: "lines",
    defaultCluster: names[0],
    clusters: Object.fromEntries(
      names.map((name) => [name, { endpoints: [`127.0.0.1:${ports[name]}`] }]),
    ),
    routes: names.map((name) => ({ prefix: `${name}:`, cluster: name })),
  };
}

class Client {
  readonly socket: Socket;
  text = "";
  closed = false;
  constructor(address: Address) {
    this.socket =
      address.type === "tcp"
        ? connect({ port: address.port, host: address.host, allowHalfOpen: true })
        : connect({ path: address.path, allowHalfOpen: true });
    this.socket.on("data", (chunk: Buffer) => {
      this.text += chunk.toString("latin1");
    });
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      this.closed = true;
    });
    this.socket.on("end", () => {
      this.closed = true;
    });
    ends.push(() => {
      this.socket.destroy();
    });
  }
  /** All text so far, once it is as long as `expected` or the time is over. */
  async until(expected: string, milliseconds = 2_000): Promise<string> {
    const by = Date.now() + milliseconds;
    while (this.text.length < expected.length && !this.closed && Date.now() < by) await sleep(2);
    return this.text;
  }
  async expect(expected: string, milliseconds = 2_000): Promise<void> {
    assert.equal(await this.until(expected, milliseconds), expected);
    this.text = "";
  }
  async isClosed(milliseconds = 2_000): Promise<void> {
    const by = Date.now() + milliseconds;
    while (!this.closed && Date.now() < by) await sleep(2);
    assert.ok(this.closed, "the connection is closed");
  }
}

async function eventually(what: string, holds: () => boolean, milliseconds = 2_000): Promise<void> {
  const by = Date.now() + milliseconds;
  while (!holds() && Date.now() < by) await sleep(2);
  assert.ok(holds(), what);
}

describe("a shard server", () => {
  test("answers each request from the shard that owns its key, in order", async () => {
    const [a, b] = [await shard("a"), await shard("b")];
    const server = await serve({ a: a.port, b: b.port });
    const client = new Client(server.address);
    client.socket.write("a:1 x\nb:1 y\na:2");
    await sleep(20);
    client.socket.write(" z\nnone\n");
    await client.expect("a a:1 x\nb b:1 y\na a:2 z\na none\n");
    assert.equal(server.stats().clients, 1);
    assert.deepEqual(
      server.stats().upstreams.map(({ name, stats }) => [name, stats.requests, stats.replies]),
      [
        ["a", 3, 3],
        ["b", 1, 1],
      ],
    );
    assert.equal(a.shard.accepted, 1);
  });

  test("shares one upstream connection between clients", async () => {
    const a = await shard("a");
    const server = await serve({ a: a.port });
    const clients = Array.from({ length: 20 }, () => new Client(server.address));
    clients.forEach((client, i) => {
      for (let n = 0; n < 50; n++) client.socket.write(`a:${i} ${n}\n`);
    });
    for (const [i, client] of clients.entries()) {
      await client.expect(Array.from({ length: 50 }, (_, n) => `a a:${i} ${n}\n`).join(""));
    }
    assert.equal(a.shard.accepted, 1);
  });

  test("listens on TCP and on Unix sockets, and takes over a socket file that nobody serves", async () => {
    const a = await shard("a");
    const dir = mkdtempSync(join(tmpdir(), "echarde-host-"));
    ends.push(() => rmSync(dir, { recursive: true, force: true }));
    const path = join(dir, "s");
    const server = await serve({ a: a.port }, { listen: ["127.0.0.1:0", `unix:${path}`] });
    assert.deepEqual(server.addresses[1], { type: "unix", path });
    for (const address of server.addresses) {
      const client = new Client(address);
      client.socket.write("a:1\n");
      await client.expect("a a:1\n");
    }
    await assert.rejects(serve({ a: a.port }, { listen: `unix:${path}` }), { code: "EADDRINUSE" });
    await server.close();
    assert.ok(!existsSync(path));

    const abandon = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
    spawnSync(process.execPath, ["-e", abandon]);
    assert.ok(existsSync(path));
    await serve({ a: a.port }, { listen: `unix:${path}` });
    writeFileSync(join(dir, "file"), "");
    await assert.rejects(serve({ a: a.port }, { listen: `unix:${join(dir, "file")}` }), {
      code: "EADDRINUSE",
    });
    assert.ok(existsSync(join(dir, "file")), "what is no socket is left alone");
  });

  test("an address in use is the system's error, and nothing stays open", async () => {
    const a = await shard("a");
    await assert.rejects(
      serve({}, { table: tableOf({ a: a.port }), listen: ["127.0.0.1:0", `127.0.0.1:${a.port}`] }),
      {
        code: "EADDRINUSE",
      },
    );
  });

  test("a large reply passes whole, and small ones after it in order", async () => {
    const a = await shard("a");
    const server = await serve({ a: a.port });
    const client = new Client(server.address);
    client.socket.write("a:1 big 3000000\na:2\n");
    await client.expect(`${"x".repeat(3_000_000)}\na a:2\n`, 5_000);
  });

  test("a client that half-closes gets all answers, then the end", async () => {
    const a = await shard("a");
    const server = await serve({ a: a.port });
    const client = new Client(server.address);
    client.socket.end("a:1\na:2\n");
    await client.expect("a a:1\na a:2\n");
    await client.isClosed();
    await eventually("the server forgets it", () => server.stats().clients === 0);
  });

  test("an answer that ends the client leaves before the close", async () => {
    const a = await shard("a");
    const server = await serve({ a: a.port });
    const client = new Client(server.address);
    client.socket.write("a:1\nbye\na:2\n");
    await client.isClosed();
    assert.equal(client.text, "a a:1\nbye\n");
    await sleep(30);
    assert.equal(a.shard.received, 4, "nothing behind it ran");
  });

  test("a reader that stops is closed, its memory freed, and others go on", async () => {
    const a = await shard("a");
    const server = await serve(
      { a: a.port },
      { limits: { maxOutput: "8MiB" }, timeouts: { stall: 300 } },
    );
    const slow = new Client(server.address);
    slow.socket.pause();
    const other = new Client(server.address);
    for (let i = 0; i < 60; i++) slow.socket.write("a:1 big 1000000\n");
    for (let i = 0; i < 20; i++) {
      await sleep(20);
      other.socket.write(`a:2 ${i}\n`);
      await other.expect(`a a:2 ${i}\n`, 2_000);
    }
    await eventually("the stalled client is gone", () => server.stats().clients === 1, 5_000);
    await eventually("its bytes are not held", () => server.stats().heldBytes === 0, 5_000);
  });

  test("a reader that is only slow gets everything", async () => {
    const a = await shard("a");
    const server = await serve(
      { a: a.port },
      { limits: { maxOutput: "1MiB" }, timeouts: { stall: 400 } },
    );
    const slow = new Client(server.address);
    let seen = 0;
    slow.socket.removeAllListeners("data");
    slow.socket.on("data", (chunk: Buffer) => {
      seen += chunk.length;
      slow.socket.pause();
      setTimeout(() => slow.socket.resume(), 4);
    });
    for (let i = 0; i < 16; i++) slow.socket.write("a:1 big 999999\n");
    await eventually("all 16 MB came", () => seen === 16_000_000 || slow.closed, 20_000);
    assert.equal(seen, 16_000_000);
  });

  test("a slow reader of many small answers gets each of them as it was", async () => {
    const a = await shard("a");
    const server = await serve({ a: a.port });
    const [slow, busy] = [new Client(server.address), new Client(server.address)];
    slow.socket.pause();
    const line = (i: number): string => `a:${i} ${String.fromCharCode(97 + (i % 26)).repeat(300)}`;
    const numbers = Array.from({ length: 40_000 }, (_, i) => i);
    slow.socket.write(numbers.map((i) => `${line(i)}\n`).join(""));
    for (let i = 0; i < 50; i++) {
      busy.socket.write(`a:${i} ${"#".repeat(5_000)}\n`);
      await busy.expect(`a a:${i} ${"#".repeat(5_000)}\n`, 5_000);
    }
    slow.socket.resume();
    await slow.expect(numbers.map((i) => `a ${line(i)}\n`).join(""), 10_000);
  });

  test("a lost upstream fails what was in flight and is used again once it is back", async () => {
    const a = await shard("a");
    const b = await shard("b");
    const server = await serve({ a: a.port, b: b.port });
    const client = new Client(server.address);
    client.socket.write("a:1\nb:1\n");
    await client.expect("a a:1\nb b:1\n");
    a.shard.mute = true;
    client.socket.write("a:2\nb:2\n");
    await eventually("it was received", () => a.shard.received === 8);
    await a.shard.stop();
    await client.expect("!lost a\nb b:2\n");
    client.socket.write("a:3\nb:3\n");
    await client.expect("!unreachable a\nb b:3\n");

    const began = performance.now();
    client.socket.write("a:4\n");
    await client.expect("!unreachable a\n");
    assert.ok(performance.now() - began < 40, "refused at once in back-off");

    const back = new Shard("again");
    ends.push(() => back.stop());
    await back.start(a.port);
    const by = performance.now() + 1_000;
    for (;;) {
      client.text = "";
      client.socket.write("a:5\n");
      const text = await client.until("again a:5\n", 100);
      if (text === "again a:5\n") break;
      assert.equal(text, "!unreachable a\n");
      assert.ok(performance.now() < by, "back in use within a second");
      await sleep(10);
    }
  });

  test("a silent upstream is a time-out, and the connection to others is not touched", async () => {
    const [a, b] = [await shard("a"), await shard("b")];
    const server = await serve({ a: a.port, b: b.port }, { timeouts: { request: 150 } });
    a.shard.mute = true;
    const client = new Client(server.address);
    client.socket.write("a:1\nb:1\n");
    await client.expect("!timeout a\nb b:1\n");
  });

  test("one client more than maxClients is closed", async () => {
    const a = await shard("a");
    const server = await serve({ a: a.port }, { limits: { maxClients: 2 } });
    const clients = [new Client(server.address), new Client(server.address)];
    for (const client of clients) client.socket.write("a:1\n");
    for (const client of clients) await client.expect("a a:1\n");
    const third = new Client(server.address);
    await third.isClosed();
    assert.deepEqual([server.stats().clients, server.stats().refused], [2, 1]);
    clients[0]?.socket.destroy();
    await eventually("a place is free", () => server.stats().clients === 1);
    const fourth = new Client(server.address);
    fourth.socket.write("a:4\n");
    await fourth.expect("a a:4\n");
  });

  test("close with drain lets what is in flight finish; without it ends at once", async () => {
    const a = await shard("a");
    for (const drain of [1_000, 0]) {
      const server = await serve({ a: a.port });
      const [busy, idle] = [new Client(server.address), new Client(server.address)];
      idle.socket.write("a:0\n");
      await idle.expect("a a:0\n");
      a.shard.mute = true;
      const before = a.shard.received;
      busy.socket.write("a:1\n");
      await eventually("it is in flight", () => a.shard.received > before);
      const closing = server.close({ drain });
      await idle.isClosed();
      for (const socket of a.shard.sockets) socket.write("a a:1\n");
      await closing;
      await busy.isClosed();
      assert.equal(busy.text, drain > 0 ? "a a:1\n" : "");
      a.shard.mute = false;
      await assert.rejects(
        once(connect((server.address as { port: number }).port, "127.0.0.1"), "connect"),
      );
    }
  });

  test("swap moves new requests and drops nobody; a bad table changes nothing", async () => {
    const [a, b] = [await shard("a"), await shard("b")];
    const server = await serve({ a: a.port });
    const client = new Client(server.address);
    client.socket.write("a:1\n");
    await client.expect("a a:1\n");
    const { tableVersion } = server.stats();
    assert.throws(() => server.swap({ clusters: { a: { endpoints: [] } } }), ConfigError);
    assert.equal(server.stats().tableVersion, tableVersion);
    server.swap({
      protocol: "lines",
      defaultCluster: "b",
      clusters: { b: { endpoints: [`127.0.0.1:${b.port}`] } },
    });
    assert.notEqual(server.stats().tableVersion, tableVersion);
    client.socket.write("a:1\n");
    await client.expect("b a:1\n");
    assert.deepEqual(server.clusters, ["b"]);
  });

  test("the endpoints of a cluster are tried in order", async () => {
    const a = await shard("a");
    const dead = await shard("dead");
    await dead.shard.stop();
    const server = await serve(
      {},
      {
        table: {
          defaultCluster: "a",
          clusters: { a: { endpoints: [`127.0.0.1:${dead.port}`, `127.0.0.1:${a.port}`] } },
        },
      },
    );
    const client = new Client(server.address);
    client.socket.write("x\n");
    await client.expect("a x\n");
  });

  test("explains without sending", async () => {
    const server = await serve({ a: 1 });
    const [explanation] = server.explain("a:7 words");
    assert.equal(explanation?.plan, "forward");
    assert.equal(explanation?.packets[0]?.cluster, "a");
    assert.equal(explanation?.keys[0]?.because, 'prefix "a:"');
    assert.deepEqual(server.stats().upstreams, []);
  });

  test("wrong settings are refused before anything listens", async () => {
    const bad: readonly [object, string][] = [
      [{ limits: { maxClient: 1 } }, "limits.maxClient: unknown key; did you mean maxClients?"],
      [{ timeouts: { request: "5 parsecs" } }, "timeouts.request: must be a time"],
      [{ listen: [] }, "no address to listen on"],
    ];
    for (const [more, message] of bad) {
      await assert.rejects(serve({ a: 1 }, more), (error: unknown) => {
        assert.ok(error instanceof ConfigError);
        assert.ok(error.message.includes(message), error.message);
        return true;
      });
    }
  });
});
